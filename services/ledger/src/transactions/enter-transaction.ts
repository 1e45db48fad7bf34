import type { Tx } from '@common-purse/kit/database'
import { type BalanceChange, changeBalances } from '../accounts/account-store.ts'
import type { LedgerAccount, Viewer } from '../accounts/account.ts'
import { type Draft, requireFunds, requireRange } from './decide-transaction.ts'
import { legsOf, payerOf } from './movement.ts'
import type { LedgerTransaction, NewTransaction, Waiting } from './transaction.ts'
import { insertPostings, insertTransaction } from './transaction-store.ts'

const outsideOf = (accounts: LedgerAccount[]) => accounts.find(({ ownerId }) => ownerId === null)?.id

/** A new transaction becomes part of the books, posted or waiting; the accounts are locked already. */
export async function enterTransaction(
  tx: Tx,
  draft: Draft,
  {
    id,
    waiting,
    accounts,
    caller,
  }: { id: string; waiting: Waiting | null; accounts: LedgerAccount[]; caller: Viewer },
): Promise<{ transaction: LedgerTransaction; accounts: LedgerAccount[] }> {
  requireFunds(draft, accounts, caller)
  requireRange(draft, accounts)
  const created: NewTransaction = {
    ...draft,
    id,
    status: waiting ? 'pending_approval' : 'posted',
    approval: waiting,
  }
  await insertTransaction(tx, created)
  const transaction: LedgerTransaction = {
    ...created,
    resolvedAt: null,
    resolvedBy: null,
    reversedBy: null,
    version: 1,
  }
  const after = waiting
    ? await hold(tx, transaction, accounts, transaction.amount)
    : await post(tx, transaction, { accounts, heldBefore: 0n, at: transaction.createdAt })
  return { transaction, accounts: after }
}

/** Adds to what the paying account holds back, or takes it off with a negative sum. */
export async function hold(
  tx: Tx,
  transaction: LedgerTransaction,
  accounts: LedgerAccount[],
  sum: bigint,
): Promise<LedgerAccount[]> {
  const payer = accounts.find(({ id }) => id === payerOf(transaction))
  if (!payer) return accounts
  return merge(
    accounts,
    await changeBalances(tx, transaction.familyId, [{ accountId: payer.id, posted: 0n, held: sum }]),
  )
}

/** Writes the postings and moves the balances; `heldBefore` is what the payer held back for it. */
export async function post(
  tx: Tx,
  transaction: LedgerTransaction,
  { accounts, heldBefore, at }: { accounts: LedgerAccount[]; heldBefore: bigint; at: Date },
): Promise<LedgerAccount[]> {
  const { familyId, id: transactionId, currency } = transaction
  const legs = legsOf(transaction, outsideOf(accounts))
  const payer = payerOf(transaction)
  const changes: BalanceChange[] = legs.map(({ accountId, amount }) => ({
    accountId,
    posted: amount,
    held: accountId === payer ? -heldBefore : 0n,
  }))
  const changed = await changeBalances(tx, familyId, changes)
  await insertPostings(tx, { familyId, transactionId, currency, legs, at })
  return merge(accounts, changed)
}

const merge = (before: LedgerAccount[], changed: LedgerAccount[]) =>
  before.map((account) => changed.find(({ id }) => id === account.id) ?? account)
