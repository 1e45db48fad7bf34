import { type ExportTransactions, Problem, toDecimal } from '@common-purse/contracts'
import type { Caller } from '@common-purse/kit/caller'
import type { Tx } from '@common-purse/kit/database'
import type pg from 'pg'
import { findFamilyAccounts } from '../accounts/seen-accounts.ts'
import { inSnapshot } from '../in-snapshot.ts'
import { findNames } from '../names.ts'
import { createValues } from '../sql-values.ts'
import { csvLine, csvText } from './csv-line.ts'
import { selectTransactions } from './select-transactions.ts'

const PAGE_ROWS = 1_000
/** Each export keeps a connection of its own as long as somebody reads it; the others belong to everybody else. */
const AT_ONCE_MAX = 2
const RETRY_SECONDS = 5

interface Row {
  id: string
  type: string
  status: string
  occurredAt: Date
  createdAt: Date
  accountId: string
  toAccountId: string | null
  amount: string
  currency: string
  categoryId: string | null
  description: string | null
  createdBy: string
  reverses: string | null
  reversedBy: string | null
}

const columns = `t.id, t.type, t.status, t.occurred_at AS "occurredAt", t.created_at AS "createdAt",
  t.account_id AS "accountId", t.to_account_id AS "toAccountId", t.amount, t.currency, t.category_id AS "categoryId",
  t.description, t.created_by AS "createdBy", t.reverses, t.reversed_by AS "reversedBy"`

const header = csvLine(
  (
    'id,type,status,occurred_at,created_at,account,to_account,amount,currency,category,description,' +
    'created_by,reverses,reversed_by'
  ).split(','),
)

/** The transactions a caller sees as a CSV file, oldest first, in pieces of at most a thousand lines. */
export function exportTransactions(pool: pg.Pool) {
  let running = 0
  return async function* (
    caller: Caller,
    filters: ExportTransactions,
  ): AsyncGenerator<Uint8Array, void, undefined> {
    if (running >= AT_ONCE_MAX)
      throw new Problem('rate_limited', 'Other exports are running; try again in a moment', {
        retryAfter: RETRY_SECONDS,
      })
    running += 1
    try {
      yield* inSnapshot(pool, (tx) => csvOf(tx, caller, filters))
    } finally {
      running -= 1
    }
  }
}

async function* csvOf(tx: Tx, caller: Caller, filters: ExportTransactions) {
  const accounts = await findFamilyAccounts(tx, caller)
  const seen = new Map(accounts.filter((account) => account.seen).map(({ id, name }) => [id, name]))
  const categories = await findNames(tx, caller.familyId, 'category')
  const members = await findNames(tx, caller.familyId, 'member')
  const lineOf = (row: Row) =>
    csvLine([
      row.id,
      row.type,
      row.status,
      row.occurredAt.toISOString(),
      row.createdAt.toISOString(),
      named(seen, row.accountId),
      named(seen, row.toAccountId),
      toDecimal(BigInt(row.amount), row.currency),
      row.currency,
      named(categories, row.categoryId),
      row.description === null ? null : csvText(row.description),
      named(members, row.createdBy),
      row.reverses,
      row.reversedBy,
    ])
  const sql = createValues()
  const { where } = selectTransactions({ caller, accounts, filters }, sql)
  await tx.query(
    `DECLARE lines NO SCROLL CURSOR FOR
     SELECT ${columns} FROM transactions t WHERE ${where.join(' AND ')} ORDER BY t.id`,
    sql.values,
  )
  let begun = false
  for (;;) {
    const rows = await tx.query<Row>(`FETCH ${PAGE_ROWS} FROM lines`, [])
    yield Buffer.from((begun ? '' : header) + rows.map(lineOf).join(''))
    begun = true
    if (rows.length < PAGE_ROWS) return
  }
}

/** The name a person gave to it, or the id of what the caller does not see by name. */
function named(names: Map<string, string>, id: string | null): string | null {
  if (id === null) return null
  const name = names.get(id)
  return name === undefined ? id : csvText(name)
}
