import type { ExportTransactions, ListTransactions } from '@common-purse/contracts'
import type { Caller } from '@common-purse/kit/caller'
import type { FamilyAccount } from '../accounts/seen-accounts.ts'
import { createValues, type SqlValues } from '../sql-values.ts'
import { type Selected, selectTransactions, withChildren } from './select-transactions.ts'

/** The rows of so short a time are few enough to be sorted; of a longer one the newest are found by walking back. */
const SHORT_PERIOD_MS = 93 * 86_400_000

/** Rows that answer to `condition`, in which `one.id` is each of `ids`, if there are any: each has an index of its own. */
interface Stream {
  ids?: string
  condition: string
}

/**
 * The statement of a page, newest first. A history of a million rows is not read for fifty of them: a page is gathered
 * from the rows of a short period, from those of an account or a category, or from those of each account that somebody
 * sees. Only what has no index, such as a search in descriptions, walks back from the newest.
 */
export function pageStatement(
  caller: Caller,
  accounts: readonly FamilyAccount[],
  query: ListTransactions,
  page: { before: string | undefined; rows: number; columns: string },
): { text: string; values: unknown[] } {
  const { cursor: _cursor, limit: _limit, ...filters } = query
  const sql = createValues()
  const selected = selectTransactions({ caller, accounts, filters }, sql)
  const { where } = selected
  if (page.before !== undefined) where.push(`t.id < ${sql.bind(page.before)}`)
  const newest = (what: string, conditions: string[], rows = 'transactions') =>
    `SELECT ${what} FROM ${rows} t WHERE ${conditions.join(' AND ')} ORDER BY t.id DESC LIMIT ${page.rows}`

  const familyId = sql.bind(caller.familyId)
  const ofFamily = `t.family_id = ${familyId}`
  const period = shortPeriod(filters, ofFamily, sql)
  if (period) return { text: newest(page.columns, [...where, ofFamily], period), values: sql.values }
  const streams = streamsOf(filters, selected, { familyId, sql })
  if (streams.length === 0) return { text: newest(page.columns, [...where, ofFamily]), values: sql.values }
  const found = streams.map(({ ids, condition }) => {
    const rows = newest('t.id', [...where, condition])
    return ids === undefined
      ? `(${rows})`
      : `(SELECT n.id FROM ${ids} one (id) CROSS JOIN LATERAL (${rows}) n)`
  })
  const firstOfAll = `SELECT id FROM (${found.join(' UNION ')}) found ORDER BY id DESC LIMIT ${page.rows}`
  return { text: newest(page.columns, [ofFamily, `t.id = ANY(ARRAY(${firstOfAll}))`]), values: sql.values }
}

/** The rows of a short period by their own index, which OFFSET makes the planner use. */
function shortPeriod(
  { from, to }: ExportTransactions,
  ofFamily: string,
  { bind }: SqlValues,
): string | undefined {
  if (from === undefined || to === undefined) return undefined
  if (Date.parse(to) - Date.parse(from) > SHORT_PERIOD_MS) return undefined
  const within = `t.occurred_at >= ${bind(new Date(from))} AND t.occurred_at < ${bind(new Date(to))}`
  return `(SELECT * FROM transactions t WHERE ${ofFamily} AND ${within} OFFSET 0)`
}

function streamsOf(
  filters: ExportTransactions,
  { seen }: Selected,
  { familyId, sql }: { familyId: string; sql: SqlValues },
): Stream[] {
  const bothSides = (ids: string): Stream[] => [
    { ids, condition: 't.account_id = one.id' },
    { ids, condition: 't.to_account_id = one.id' },
  ]
  if (filters.account_id !== undefined) return bothSides(`unnest(${sql.bind([filters.account_id])}::uuid[])`)
  if (filters.category_id !== undefined)
    return [
      {
        ids: `(${withChildren(familyId, sql.bind(filters.category_id))})`,
        condition: 't.category_id = one.id',
      },
    ]
  // With another filter each account might be read to its beginning: once through the family's history is less.
  if (!seen || Object.keys(filters).length > 0) return []
  return [...bothSides(`unnest(${seen.accountIds})`), ...seen.others.map((condition) => ({ condition }))]
}
