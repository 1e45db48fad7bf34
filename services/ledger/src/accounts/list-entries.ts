import { type AccountEntry, type ListEntries, toDecimal } from '@common-purse/contracts'
import type { Tx } from '@common-purse/kit/database'
import { createCursors } from '@common-purse/kit/paging'
import { createValues } from '../sql-values.ts'
import type { LedgerAccount } from './account.ts'
import { firstRecorded, lastRecorded } from './recorded-until.ts'

interface EntryRow {
  seq: string
  transactionId: string
  type: AccountEntry['type']
  amount: string
  balance: string
  categoryId: string | null
  description: string | null
  createdBy: string
  reverses: string | null
  occurredAt: Date
  postedAt: Date
}

/** The statement of an account that the caller sees: newest posting first, each with the balance right after it. */
export async function listEntries(db: Tx, familyId: string, account: LedgerAccount, query: ListEntries) {
  const limit = query.limit ?? 50
  const cursors = createCursors(`entries of ${familyId} ${account.id}`, 'seq')
  const { text, values } = statement(
    { familyId, accountId: account.id, limit },
    query,
    cursors.decode(query.cursor),
  )
  const rows = await db.query<EntryRow>(text, values)
  return cursors.page(
    rows,
    limit,
    ({ seq }) => seq,
    (row) => entryView(row, account.currency),
  )
}

function statement(
  of: { familyId: string; accountId: string; limit: number },
  { from, to }: ListEntries,
  before: string | undefined,
) {
  const { values, bind } = createValues()
  const familyId = bind(of.familyId)
  const accountId = bind(of.accountId)
  const conditions = [`family_id = ${familyId}`, `account_id = ${accountId}`]
  if (before !== undefined) conditions.push(`seq < ${bind(before)}::bigint`)
  if (to !== undefined) {
    const recorded = `< ${bind(new Date(to))}::timestamptz`
    const last = lastRecorded({ familyId, accountId, recorded })
    conditions.push(`created_at ${recorded}`, `seq <= (SELECT max(seq) FROM (${last}) last)`)
  }
  if (from !== undefined) {
    const recorded = `>= ${bind(new Date(from))}::timestamptz`
    const first = firstRecorded({ familyId, accountId, recorded })
    conditions.push(`created_at ${recorded}`, `seq >= (SELECT min(seq) FROM (${first}) first)`)
  }
  const text = `SELECT p.seq, p.transaction_id AS "transactionId", t.type, p.amount, p.balance_after AS balance,
      t.category_id AS "categoryId", t.description, t.created_by AS "createdBy", t.reverses,
      t.occurred_at AS "occurredAt", p.created_at AS "postedAt"
    FROM (SELECT * FROM postings WHERE ${conditions.join(' AND ')} ORDER BY seq DESC LIMIT ${of.limit + 1}) p
    JOIN transactions t ON t.family_id = p.family_id AND t.id = p.transaction_id
    ORDER BY p.seq DESC`
  return { text, values }
}

const entryView = (row: EntryRow, currency: string): AccountEntry => ({
  transaction_id: row.transactionId,
  type: row.type,
  amount: toDecimal(BigInt(row.amount), currency),
  balance: toDecimal(BigInt(row.balance), currency),
  currency,
  category_id: row.categoryId,
  description: row.description,
  created_by: row.createdBy,
  reverses: row.reverses,
  occurred_at: row.occurredAt.toISOString(),
  posted_at: row.postedAt.toISOString(),
})
