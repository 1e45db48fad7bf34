import type { Tx } from '@common-purse/kit/database'
import type { Leg } from './movement.ts'
import type { LedgerTransaction, NewTransaction } from './transaction.ts'

/** As {@link transactionColumns} select it. */
export interface TransactionRow extends Omit<LedgerTransaction, 'amount' | 'approval'> {
  amount: string
  required: number
  why: NonNullable<NewTransaction['approval']>['why'] | null
  threshold: string | null
  expiresAt: Date | null
}

export const transactionColumns = `family_id AS "familyId", id, type, status, account_id AS "accountId", to_account_id AS "toAccountId",
  amount, currency, category_id AS "categoryId", description, created_by AS "createdBy", occurred_at AS "occurredAt",
  created_at AS "createdAt", resolved_at AS "resolvedAt", resolved_by AS "resolvedBy", reason, reverses,
  reversed_by AS "reversedBy", required_approvals AS required, approval_why AS why, approval_threshold AS threshold,
  expires_at AS "expiresAt", version`

export function toTransaction({
  required,
  why,
  threshold,
  expiresAt,
  ...row
}: TransactionRow): LedgerTransaction {
  const approval =
    why !== null && threshold !== null && expiresAt !== null
      ? { required, why, threshold: BigInt(threshold), expiresAt }
      : null
  return { ...row, amount: BigInt(row.amount), approval }
}

export async function insertTransaction(tx: Tx, transaction: NewTransaction): Promise<void> {
  const { approval } = transaction
  await tx.query(
    `INSERT INTO transactions (family_id, id, type, status, account_id, to_account_id, amount, currency, category_id,
       description, created_by, occurred_at, created_at, reverses, required_approvals, approval_why,
       approval_threshold, expires_at, reason)
     VALUES ($1, $2, $3, $4::transaction_status, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)`,
    [
      transaction.familyId,
      transaction.id,
      transaction.type,
      transaction.status,
      transaction.accountId,
      transaction.toAccountId,
      transaction.amount,
      transaction.currency,
      transaction.categoryId,
      transaction.description,
      transaction.createdBy,
      transaction.occurredAt,
      transaction.createdAt,
      transaction.reverses,
      approval?.required ?? 0,
      approval?.why ?? null,
      approval?.threshold ?? null,
      approval?.expiresAt ?? null,
      transaction.reason,
    ],
  )
}

export interface Postings {
  familyId: string
  transactionId: string
  currency: string
  legs: readonly Leg[]
  at: Date
}

/** All postings of a transaction in one statement: the database checks their sum when it ends. The balances have moved. */
export async function insertPostings(
  tx: Tx,
  { familyId, transactionId, currency, legs, at }: Postings,
): Promise<void> {
  await tx.query(
    `INSERT INTO postings (family_id, transaction_id, account_id, amount, currency, created_at, balance_after)
     SELECT $1, $2, leg.account_id, leg.amount, $3, $4, a.posted
     FROM unnest($5::uuid[], $6::bigint[]) AS leg (account_id, amount)
     JOIN accounts a ON a.family_id = $1 AND a.id = leg.account_id`,
    [familyId, transactionId, currency, at, legs.map((leg) => leg.accountId), legs.map((leg) => leg.amount)],
  )
}

/** Locks one transaction of the family, so that it is resolved or reversed once, whoever races. */
export async function lockTransaction(
  tx: Tx,
  familyId: string,
  id: string,
): Promise<LedgerTransaction | undefined> {
  const [row] = await tx.query<TransactionRow>(
    `SELECT ${transactionColumns} FROM transactions WHERE family_id = $1 AND id = $2 AND type <> 'opening' FOR UPDATE`,
    [familyId, id],
  )
  return row && toTransaction(row)
}

/**
 * The same, and with a reversal also what it undoes. Both in id order: somebody who reverses holds the original and
 * wants the accounts, somebody who approves a reversal will want the original after them.
 */
export async function lockWithOriginal(
  tx: Tx,
  familyId: string,
  id: string,
): Promise<LedgerTransaction | undefined> {
  const rows = await tx.query<TransactionRow>(
    `SELECT ${transactionColumns} FROM transactions
     WHERE family_id = $1 AND type <> 'opening'
       AND id IN ($2, (SELECT reverses FROM transactions WHERE family_id = $1 AND id = $2))
     ORDER BY id FOR UPDATE`,
    [familyId, id],
  )
  const row = rows.find((found) => found.id === id)
  return row && toTransaction(row)
}

/** Locks one that waits and whose time is over, unless somebody else has it in hand. */
export async function lockOverdue(
  tx: Tx,
  familyId: string,
  { id, now }: { id: string; now: Date },
): Promise<LedgerTransaction | undefined> {
  const [row] = await tx.query<TransactionRow>(
    `SELECT ${transactionColumns} FROM transactions
     WHERE family_id = $1 AND id = $2 AND status = 'pending_approval' AND expires_at <= $3
     FOR UPDATE SKIP LOCKED`,
    [familyId, id, now],
  )
  return row && toTransaction(row)
}

/** True when a reversal of this transaction waits for approval. */
export async function hasWaitingReversal(tx: Tx, familyId: string, id: string): Promise<boolean> {
  const rows = await tx.query(
    `SELECT 1 FROM transactions WHERE family_id = $1 AND reverses = $2 AND status = 'pending_approval'`,
    [familyId, id],
  )
  return rows.length > 0
}

export type Resolution = Pick<
  LedgerTransaction,
  'status' | 'resolvedAt' | 'resolvedBy' | 'reason' | 'reversedBy' | 'version'
>

export async function saveResolution(tx: Tx, familyId: string, id: string, to: Resolution): Promise<void> {
  await tx.query(
    `UPDATE transactions SET status = $3::transaction_status, resolved_at = $4, resolved_by = $5, reason = $6,
       reversed_by = $7, version = $8
     WHERE family_id = $1 AND id = $2`,
    [familyId, id, to.status, to.resolvedAt, to.resolvedBy, to.reason, to.reversedBy, to.version],
  )
}

/** One spending of a person at a time: two at once would both find room below the threshold. Taken before any row. */
export const lockSpender = (tx: Tx, { familyId, userId }: { familyId: string; userId: string }) =>
  tx.query('SELECT pg_advisory_xact_lock(hashtextextended($1::text || $2::text, 7))', [familyId, userId])

/**
 * What a person took out and posted without approval since `since`, from one account or from all; in minor units. Taking
 * an income back counts: it is money that leaves the account.
 */
export async function spentSince(
  tx: Tx,
  spender: { familyId: string; userId: string; currency: string; accountId: string | null },
  since: Date,
): Promise<bigint> {
  await lockSpender(tx, spender)
  const [row] = await tx.query<{ spent: string }>(
    `SELECT coalesce(sum(amount), 0)::text AS spent FROM transactions
     WHERE family_id = $1 AND created_by = $2 AND currency = $3 AND created_at > $4
       AND (type = 'income') = (reverses IS NOT NULL) AND status = 'posted' AND required_approvals = 0
       AND type <> 'opening' AND ($5::uuid IS NULL OR account_id = $5)`,
    [spender.familyId, spender.userId, spender.currency, since, spender.accountId],
  )
  return BigInt(row?.spent ?? 0)
}

/** Notes an approval of somebody who gave none before. */
export async function insertApproval(
  tx: Tx,
  approval: {
    familyId: string
    transactionId: string
    userId: string
    comment: string | undefined
    at: Date
  },
): Promise<void> {
  await tx.query(
    `INSERT INTO approvals (family_id, transaction_id, user_id, comment, created_at) VALUES ($1, $2, $3, $4, $5)`,
    [approval.familyId, approval.transactionId, approval.userId, approval.comment ?? null, approval.at],
  )
}

/** Who approved, the first at the front. */
export async function findApprovedBy(tx: Tx, familyId: string, transactionId: string): Promise<string[]> {
  const rows = await tx.query<{ userId: string }>(
    `SELECT user_id AS "userId" FROM approvals WHERE family_id = $1 AND transaction_id = $2
     ORDER BY created_at, user_id`,
    [familyId, transactionId],
  )
  return rows.map(({ userId }) => userId)
}
