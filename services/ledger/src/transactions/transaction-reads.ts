import { type ListTransactions, Problem, type Transaction } from '@common-purse/contracts'
import type { Caller } from '@common-purse/kit/caller'
import type { Tx } from '@common-purse/kit/database'
import { createCursors } from '@common-purse/kit/paging'
import { findFamilyAccounts } from '../accounts/seen-accounts.ts'
import { findMembers, type Member } from '../members/member-store.ts'
import { createValues } from '../sql-values.ts'
import { pageStatement } from './list-transactions.ts'
import { selectTransactions } from './select-transactions.ts'
import { toTransaction, transactionColumns, type TransactionRow } from './transaction-store.ts'
import { transactionView } from './transaction-view.ts'

type Row = TransactionRow & { approvedBy: string[] }

const columns = `${transactionColumns}, ARRAY(SELECT a.user_id FROM approvals a
  WHERE t.required_approvals > 0 AND a.family_id = t.family_id AND a.transaction_id = t.id) AS "approvedBy"`

const view = ({ approvedBy, ...row }: Row, members: Member[]): Transaction =>
  transactionView(toTransaction(row), { members, approvedBy })

/** What the API answers about transactions. */
export function transactionReads(db: Tx) {
  return {
    get: async (caller: Caller, id: string): Promise<Transaction> => {
      const accounts = await findFamilyAccounts(db, caller)
      const sql = createValues()
      const selected = selectTransactions({ caller, accounts, filters: {} }, sql)
      const where = [...selected.where, `t.id = ${sql.bind(id)}`]
      const text = `SELECT ${columns} FROM transactions t WHERE ${where.join(' AND ')}`
      const [row] = await db.query<Row>(text, sql.values)
      if (!row) throw new Problem('not_found', 'There is no such transaction that you can see')
      return view(row, row.status === 'pending_approval' ? await findMembers(db, caller.familyId) : [])
    },
    list: async (caller: Caller, query: ListTransactions) => {
      const limit = query.limit ?? 50
      const cursors = createCursors(`transactions of ${caller.familyId}`, 'uuid')
      const page = { before: cursors.decode(query.cursor), rows: limit + 1, columns }
      const accounts = await findFamilyAccounts(db, caller)
      const { text, values } = pageStatement(caller, accounts, query, page)
      const rows = await db.query<Row>(text, values)
      const waits = rows.some(({ status }) => status === 'pending_approval')
      const members = waits ? await findMembers(db, caller.familyId) : []
      return cursors.page(
        rows,
        limit,
        ({ id }) => id,
        (row) => view(row, members),
      )
    },
  }
}
