import type { ListTransactions } from '@common-purse/contracts'
import type { Caller } from '@common-purse/kit/caller'
import type { FamilyAccount } from '../accounts/seen-accounts.ts'
import { createValues } from '../sql-values.ts'
import { seenAtOnce, selectTransactions } from './select-transactions.ts'

/**
 * The statement of a page, newest first. Where a page is gathered from several accounts each gives its own newest rows by
 * its own index: one condition with OR would read the family's whole history for somebody who sees little of it.
 */
export function pageStatement(
  caller: Caller,
  accounts: readonly FamilyAccount[],
  query: ListTransactions,
  page: { before: string | undefined; rows: number; columns: string },
): { text: string; values: unknown[] } {
  const { cursor: _cursor, limit: _limit, ...filters } = query
  const sql = createValues()
  const { wanted, seen } = selectTransactions({ caller, accounts, filters }, sql)
  if (page.before !== undefined) wanted.push(`t.id < ${sql.bind(page.before)}`)
  const newest = (what: string, conditions: string[]) =>
    `SELECT ${what} FROM transactions t WHERE ${conditions.join(' AND ')} ORDER BY t.id DESC LIMIT ${page.rows}`
  const ofEach = (ids: string, column: string, conditions: string[]) =>
    `SELECT newest.id FROM unnest(${ids}) AS one (id)
     CROSS JOIN LATERAL (${newest('t.id', [...conditions, `t.${column} = one.id`])}) newest`
  const ofBoth = (ids: string, conditions: string[]) => [
    ofEach(ids, 'account_id', conditions),
    ofEach(ids, 'to_account_id', conditions),
  ]

  let streams: string[] = []
  if (filters.account_id !== undefined) {
    const one = `${sql.bind([filters.account_id])}::uuid[]`
    streams = ofBoth(one, [...wanted, ...seenAtOnce({ wanted, seen })])
  } else if (seen) {
    streams = [
      ...ofBoth(seen.accountIds, wanted),
      ...seen.others.map((own) => newest('t.id', [...wanted, own])),
    ]
  }
  if (streams.length === 0) return { text: newest(page.columns, wanted), values: sql.values }
  const found = streams.map((stream) => `(${stream})`).join(' UNION ')
  const text = newest(page.columns, [
    `t.family_id = ${sql.bind(caller.familyId)}`,
    `t.id = ANY(ARRAY(SELECT id FROM (${found}) found ORDER BY id DESC LIMIT ${page.rows}))`,
  ])
  return { text, values: sql.values }
}
