import { Problem, type Transaction } from '@common-purse/contracts'
import { asTx, inTransaction, type Tx } from '@common-purse/kit/database'
import type { Handlers } from '@common-purse/kit/service-app'
import type pg from 'pg'
import type { Change, LedgerParts } from '../ledger-parts.ts'
import { approveTransaction } from './approve-transaction.ts'
import { cancelTransaction } from './cancel-transaction.ts'
import { exportTransactions } from './export-transactions.ts'
import { rejectTransaction } from './reject-transaction.ts'
import { reverseTransaction } from './reverse-transaction.ts'
import { submitTransaction } from './submit-transaction.ts'
import { transactionReads } from './transaction-reads.ts'

type TransactionRoute =
  | 'submitTransaction'
  | 'listTransactions'
  | 'getTransaction'
  | 'approveTransaction'
  | 'rejectTransaction'
  | 'cancelTransaction'
  | 'reverseTransaction'
  | 'exportTransactions'

export function transactionHandlers(
  parts: LedgerParts,
  change: Change,
): Pick<Handlers<'ledger'>, TransactionRoute> {
  const transactions = transactionReads(asTx(parts.pool))
  const exported = exportTransactions(parts.pool)
  const submit = submitTransaction(parts)
  const approve = approveTransaction(parts)
  const reject = rejectTransaction(parts)
  const cancel = cancelTransaction(parts)
  const reverse = reverseTransaction(parts)
  return {
    submitTransaction: async (incoming) => {
      const { caller, context, body, query, idempotency } = incoming
      if (query.dry_run !== 'true') {
        const posted = idempotency && (await parts.postPlain({ caller, context, command: body, idempotency }))
        if (!posted) return change(incoming, 201, (tx) => submit(tx, caller, context, body))
        parts.wake()
        return { status: 201, body: posted }
      }
      const preview = await withoutWriting(parts.pool, (tx) => submit(tx, caller, context, body))
      return { status: 200, body: { ...preview, id: null } }
    },
    listTransactions: async ({ caller, query }) => ({ body: await transactions.list(caller, query) }),
    getTransaction: async ({ caller, params }) => ({ body: await transactions.get(caller, params.id) }),
    exportTransactions: ({ caller, query }) => ({
      stream: exported(caller, query),
      filename: 'transactions.csv',
    }),
    approveTransaction: (incoming) =>
      change(incoming, 200, (tx) =>
        approve(tx, incoming.caller, incoming.context, { ...incoming.params, ...incoming.body }),
      ),
    rejectTransaction: (incoming) =>
      change(incoming, 200, (tx) =>
        reject(tx, incoming.caller, incoming.context, { ...incoming.params, ...incoming.body }),
      ),
    cancelTransaction: (incoming) =>
      change(incoming, 200, (tx) =>
        cancel(tx, incoming.caller, incoming.context, { ...incoming.params, ...incoming.body }),
      ),
    reverseTransaction: (incoming) =>
      change(incoming, 201, (tx) =>
        reverse(tx, incoming.caller, incoming.context, { ...incoming.params, ...incoming.body }),
      ),
  }
}

/** Does the work for its answer and undoes every write of it. */
async function withoutWriting(pool: pg.Pool, work: (tx: Tx) => Promise<Transaction>): Promise<Transaction> {
  let preview: Transaction | undefined
  const undo = new Problem('internal', 'A dry run is undone')
  await inTransaction(pool, async (tx) => {
    preview = await work(tx)
    throw undo
  }).catch((error: unknown) => {
    if (error !== undo) throw error
  })
  return preview!
}
