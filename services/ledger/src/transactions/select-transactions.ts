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

/** SQL on `transactions t`. */
export interface Selected {
  /** All of these hold for what is asked for and seen. */
  where: string[]
  /** Each of these holds for a part of what is seen; undefined where all that is asked for is seen. */
  seen: { accountIds: string; others: string[] } | undefined
}

/** Pure: one sees what moves on an account that one sees, what one entered, and what waits for one's approval. */
export function selectTransactions(selection: Selection, sql: SqlValues): Selected {
  const { caller, accounts, filters } = selection
  const familyId = sql.bind(caller.familyId)
  const where = [`t.family_id = ${familyId}`, `t.type <> 'opening'`, ...wantedBy(filters, familyId, sql)]
  const seenIds = accounts.filter(({ seen }) => seen).map(({ id }) => id)
  const seesAll = seenIds.length === accounts.length
  if (seesAll || (filters.account_id !== undefined && seenIds.includes(filters.account_id)))
    return { where, seen: undefined }
  const accountIds = `${sql.bind(seenIds)}::uuid[]`
  const others = [`t.created_by = ${sql.bind(caller.userId)}`]
  if (hasPermission(caller.role, 'transaction.approve')) others.push(`t.status = 'pending_approval'`)
  const sides = [`t.account_id = ANY(${accountIds})`, `t.to_account_id = ANY(${accountIds})`]
  where.push(`(${[...sides, ...others].join(' OR ')})`)
  return { where, seen: { accountIds, others } }
}

/** In a pattern of LIKE these stand for other characters. */
const literally = (text: string) => text.replaceAll(/[\\%_]/g, '\\$&')

function wantedBy(filters: ExportTransactions, familyId: string, { bind }: SqlValues): string[] {
  const by: Record<keyof ExportTransactions, (value: string) => string> = {
    account_id: (id) => `${bind(id)} IN (t.account_id, t.to_account_id)`,
    status: (status) => `t.status = ${bind(status)}::transaction_status`,
    type: (type) => `t.type = ${bind(type)}`,
    member_id: (id) => `t.created_by = ${bind(id)}`,
    category_id: (id) => `t.category_id = ANY(ARRAY(${withChildren(familyId, bind(id))}))`,
    from: (from) => `t.occurred_at >= ${bind(new Date(from))}`,
    to: (to) => `t.occurred_at < ${bind(new Date(to))}`,
    q: (text) => `t.description ILIKE ${bind(`%${literally(text)}%`)}`,
  }
  return (Object.keys(by) as (keyof typeof by)[]).flatMap((name) => {
    const value = filters[name]
    return value === undefined ? [] : [by[name](value)]
  })
}

/** SQL of the ids of a category and those below it. */
export const withChildren = (familyId: string, id: string): string =>
  `SELECT id FROM categories WHERE family_id = ${familyId} AND ${id} IN (id, parent_id)`
