import { type ExportTransactions, hasPermission } from '@common-purse/contracts'
import type { Caller } from '@common-purse/kit/caller'
import type { FamilyAccount } from '../accounts/seen-accounts.ts'
import type { SqlValues } from '../sql-values.ts'

/** Who asks, for what, among which accounts of the family. */
export interface Selection {
  caller: Caller
  accounts: readonly FamilyAccount[]
  filters: ExportTransactions
}

/** SQL conditions on `transactions t`: what the filters ask for, and which of it the caller sees. */
export interface Conditions {
  /** All of them hold. */
  wanted: string[]
  /**
   * Undefined where all that is wanted is seen. One sees what moves on an account that one sees, what one entered, and
   * what waits for one's approval; one condition for each, so that each can have its own index.
   */
  seen: { accountIds: string; others: string[] } | undefined
}

/** Pure: puts the conditions together; the values go into `sql`. */
export function selectTransactions({ caller, accounts, filters }: Selection, sql: SqlValues): Conditions {
  const familyId = sql.bind(caller.familyId)
  const wanted = [`t.family_id = ${familyId}`, `t.type <> 'opening'`, ...wantedBy(filters, familyId, sql)]
  const seenIds = accounts.filter(({ seen }) => seen).map(({ id }) => id)
  const all = seenIds.length === accounts.length
  const filtered = filters.account_id !== undefined && seenIds.includes(filters.account_id)
  if (all || filtered) return { wanted, seen: undefined }
  const others = [`t.created_by = ${sql.bind(caller.userId)}`]
  if (hasPermission(caller.role, 'transaction.approve')) others.push(`t.status = 'pending_approval'`)
  return { wanted, seen: { accountIds: `${sql.bind(seenIds)}::uuid[]`, others } }
}

/** What is seen as one condition. */
export const seenAtOnce = ({ seen }: Conditions): string[] =>
  seen
    ? [
        `(${[`t.account_id = ANY(${seen.accountIds})`, `t.to_account_id = ANY(${seen.accountIds})`, ...seen.others].join(' OR ')})`,
      ]
    : []

/** In a pattern of LIKE these stand for other characters. */
const literally = (text: string) => text.replaceAll(/[\\%_]/g, '\\$&')

function wantedBy(filters: ExportTransactions, familyId: string, { bind }: SqlValues): string[] {
  const by: Record<keyof Omit<ExportTransactions, 'account_id'>, (value: string) => string> = {
    status: (status) => `t.status = ${bind(status)}::transaction_status`,
    type: (type) => `t.type = ${bind(type)}`,
    member_id: (id) => `t.created_by = ${bind(id)}`,
    category_id: (id) => `t.category_id = ANY(ARRAY(
      SELECT id FROM categories WHERE family_id = ${familyId} AND ${bind(id)} IN (id, parent_id)))`,
    from: (from) => `t.occurred_at >= ${bind(new Date(from))}`,
    to: (to) => `t.occurred_at < ${bind(new Date(to))}`,
    q: (text) => `t.description ILIKE ${bind(`%${literally(text)}%`)}`,
  }
  return (Object.keys(by) as (keyof typeof by)[]).flatMap((name) => {
    const value = filters[name]
    return value === undefined ? [] : [by[name](value)]
  })
}
