import type { Tx } from '@common-purse/kit/database'
import { lastRecorded } from '../accounts/recorded-until.ts'
import { createValues } from '../sql-values.ts'
import type { Period } from './decide-period.ts'

/** What a report is about: the period, and the accounts that the caller sees (or the one that was asked for). */
export interface Scope extends Period {
  familyId: string
  accountIds: readonly string[]
  currency: string | undefined
}

/** What a report is grouped by: SQL on `transactions t`. */
const keys = {
  category: 't.category_id::text',
  member: 't.created_by::text',
  account: 't.account_id::text',
  month: `date_trunc('month', t.occurred_at AT TIME ZONE 'UTC')`,
  day: `date_trunc('day', t.occurred_at AT TIME ZONE 'UTC')`,
} as const
export type GroupBy = keyof typeof keys

/** How a group of time is written. */
const texts = { month: 'YYYY-MM', day: 'YYYY-MM-DD' } as const

/** Sums of one group in one currency, in minor units. */
export interface Group {
  key: string | null
  currency: string
  income: bigint
  expense: bigint
  transactions: number
}

/** What was earned and spent, by group: posted, not reversed and not a reversal; transfers are neither. */
export async function sumByGroup(db: Tx, scope: Scope, groupBy: GroupBy): Promise<Group[]> {
  const { values, bind } = createValues()
  const conditions = [
    `t.family_id = ${bind(scope.familyId)}`,
    `t.occurred_at >= ${bind(scope.from)}`,
    `t.occurred_at < ${bind(scope.to)}`,
    `t.status = 'posted' AND t.reverses IS NULL AND t.type IN ('income', 'expense')`,
    `t.account_id = ANY(${bind(scope.accountIds)}::uuid[])`,
    ...(scope.currency === undefined ? [] : [`t.currency = ${bind(scope.currency)}`]),
  ]
  const key = groupBy in texts ? `to_char(key, '${texts[groupBy as keyof typeof texts]}')` : 'key'
  const rows = await db.query<Group & { income: string; expense: string }>(
    `SELECT ${key} AS key, currency, income::text, expense::text, transactions FROM (
       SELECT ${keys[groupBy]} AS key, t.currency, count(*)::int AS transactions,
         coalesce(sum(t.amount) FILTER (WHERE t.type = 'income'), 0) AS income,
         coalesce(sum(t.amount) FILTER (WHERE t.type = 'expense'), 0) AS expense
       FROM transactions t WHERE ${conditions.join(' AND ')} GROUP BY 1, 2) sums`,
    values,
  )
  return rows.map((row) => ({ ...row, income: BigInt(row.income), expense: BigInt(row.expense) }))
}

/** What the accounts of one currency held and owed just before a moment, in minor units. */
export interface Worth {
  /** Which of the moments, from 0. */
  moment: number
  currency: string
  assets: bigint
  liabilities: bigint
}

const lastBefore = lastRecorded({ familyId: 'a.family_id', accountId: 'a.id', recorded: '< moment.at' })

/** By the balance kept with each account's last posting before the moment: as many look-ups as accounts times moments. */
export async function worthAt(
  db: Tx,
  scope: Pick<Scope, 'familyId' | 'accountIds' | 'currency'>,
  moments: readonly Date[],
): Promise<Worth[]> {
  const rows = await db.query<Worth & { assets: string; liabilities: string }>(
    `SELECT (moment.ordinal - 1)::int AS moment, a.currency,
       coalesce(sum(balance) FILTER (WHERE balance > 0), 0)::text AS assets,
       coalesce(-sum(balance) FILTER (WHERE balance < 0), 0)::text AS liabilities
     FROM unnest($3::timestamptz[]) WITH ORDINALITY AS moment (at, ordinal)
     CROSS JOIN accounts a
     LEFT JOIN LATERAL (
       SELECT balance_after AS balance FROM (${lastBefore}) recent ORDER BY seq DESC LIMIT 1) last ON true
     WHERE a.family_id = $1 AND a.id = ANY($2::uuid[]) AND ($4::text IS NULL OR a.currency = $4)
     GROUP BY moment.ordinal, a.currency
     ORDER BY moment.ordinal, a.currency`,
    [scope.familyId, scope.accountIds, moments, scope.currency ?? null],
  )
  return rows.map((row) => ({ ...row, assets: BigInt(row.assets), liabilities: BigInt(row.liabilities) }))
}
