import { byId, define, type Route } from '../route.ts'
import {
  ListTransactions,
  RejectTransaction,
  ResolveTransaction,
  ReverseTransaction,
  SubmitTransaction,
  SubmitTransactionQuery,
  Transaction,
  TransactionPage,
} from '../transactions.ts'

const ledger = define('ledger', 'user')
const seeTransaction = ['transaction.read.all', 'transaction.read.own'] as const
const spend = ['transaction.create.any', 'transaction.create.own'] as const
const reverse = ['transaction.reverse.any', 'transaction.reverse.own'] as const

/** Money that moves, and what becomes of it. */
export const transactionRoutes = {
  submitTransaction: ledger('POST', '/transactions', {
    summary:
      'Spend, earn or move money; above the threshold it waits for approval. `dry_run` answers 200 and writes nothing',
    status: 201,
    permissions: spend,
    idempotency: 'required',
    dryRun: true,
    query: SubmitTransactionQuery,
    body: SubmitTransaction,
    response: Transaction,
    problems: ['not_found', 'insufficient_funds', 'account_closed'],
  }),
  listTransactions: ledger('GET', '/transactions', {
    summary: 'Transactions, newest first',
    status: 200,
    permissions: seeTransaction,
    query: ListTransactions,
    response: TransactionPage,
  }),
  getTransaction: ledger('GET', '/transactions/{id}', {
    summary: 'One transaction',
    status: 200,
    permissions: seeTransaction,
    params: byId,
    response: Transaction,
    problems: ['not_found'],
  }),
  approveTransaction: ledger('POST', '/transactions/{id}/approve', {
    summary: 'Approve what waits',
    status: 200,
    permissions: ['transaction.approve'],
    params: byId,
    body: ResolveTransaction,
    response: Transaction,
    problems: ['not_found', 'self_approval', 'already_resolved', 'account_closed'],
  }),
  rejectTransaction: ledger('POST', '/transactions/{id}/reject', {
    summary: 'Refuse what waits, with a reason',
    status: 200,
    permissions: ['transaction.reject'],
    params: byId,
    body: RejectTransaction,
    response: Transaction,
    problems: ['not_found', 'already_resolved'],
  }),
  cancelTransaction: ledger('POST', '/transactions/{id}/cancel', {
    summary: 'Take back one’s own waiting transaction',
    status: 200,
    permissions: ['transaction.cancel.own'],
    params: byId,
    body: ResolveTransaction,
    response: Transaction,
    problems: ['not_found', 'already_resolved'],
  }),
  reverseTransaction: ledger('POST', '/transactions/{id}/reverse', {
    summary: 'Undo a posted transaction by an opposite one',
    status: 201,
    permissions: reverse,
    idempotency: 'required',
    params: byId,
    body: ReverseTransaction,
    response: Transaction,
    problems: ['not_found', 'not_reversible', 'already_reversed', 'insufficient_funds', 'account_closed'],
  }),
} as const satisfies Record<string, Route>
