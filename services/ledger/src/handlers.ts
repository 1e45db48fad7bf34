import { Problem, type Transaction } from '@common-purse/contracts'
import { inTransaction, type Tx } from '@common-purse/kit/database'
import { runIdempotent, type StoredAnswer } from '@common-purse/kit/idempotency'
import type { Handlers, Incoming, Reply } from '@common-purse/kit/service-app'
import type pg from 'pg'
import { accountReads } from './accounts/account-reads.ts'
import { openAccount } from './accounts/open-account.ts'
import type { PrismaClient } from './generated/client.ts'
import {
  approveTransaction,
  cancelTransaction,
  rejectTransaction,
} from './transactions/resolve-transaction.ts'
import { reverseTransaction } from './transactions/reverse-transaction.ts'
import { type SubmitDeps, submitTransaction } from './transactions/submit-transaction.ts'
import { transactionReads } from './transactions/transaction-reads.ts'

export interface LedgerParts extends SubmitDeps {
  pool: pg.Pool
  prisma: PrismaClient
  /** Tells the relay that events were written. */
  wake(): void
}

/** Every endpoint of the ledger: which use-case it is. */
export function ledgerHandlers(parts: LedgerParts): Handlers<'ledger'> {
  const accounts = accountReads(parts.prisma)
  const transactions = transactionReads(parts.prisma)
  const open = openAccount(parts)
  const submit = submitTransaction(parts)
  const approve = approveTransaction(parts)
  const reject = rejectTransaction(parts)
  const cancel = cancelTransaction(parts)
  const reverse = reverseTransaction(parts)

  const change = async <Body>(
    { idempotency }: Pick<Incoming<'submitTransaction'>, 'idempotency'>,
    status: number,
    work: (tx: Tx) => Promise<Body>,
  ): Promise<Reply<Body>> => {
    const answer = await runIdempotent(parts.pool, idempotency, async (tx): Promise<StoredAnswer> => {
      return { status, body: await work(tx) }
    })
    parts.wake()
    return { body: answer.body as Body, status: answer.status, replayed: answer.replayed }
  }

  return {
    openAccount: (incoming) =>
      change(incoming, 201, (tx) => open(tx, incoming.caller, incoming.context, incoming.body)),
    listAccounts: async ({ caller, query }) => ({ body: await accounts.list(caller, query) }),
    getAccount: async ({ caller, params }) => ({ body: await accounts.get(caller, params.id) }),
    getBalance: async ({ caller, params }) => ({ body: await accounts.balance(caller, params.id) }),
    submitTransaction: async (incoming) => {
      const { caller, context, body, query } = incoming
      if (query.dry_run !== 'true') return change(incoming, 201, (tx) => submit(tx, caller, context, body))
      const preview = await withoutWriting(parts.pool, (tx) => submit(tx, caller, context, body))
      return { status: 200, body: { ...preview, id: null } }
    },
    listTransactions: async ({ caller, query }) => ({ body: await transactions.list(caller, query) }),
    getTransaction: async ({ caller, params }) => ({ body: await transactions.get(caller, params.id) }),
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
