import type { Balance } from '@common-purse/contracts'
import type { Tx } from '@common-purse/kit/database'
import { balanceView, type LedgerAccount } from './account.ts'
import { lastRecorded } from './recorded-until.ts'

/** Longer than anything may wait for approval: what was submitted before that waits no more. */
const LONGEST_WAIT = `interval '120 days'`

const posted = lastRecorded({ familyId: '$1', accountId: '$2', recorded: '<= $3' })

/** What is paid by the account: from it, or back from it where a transfer into it or an income is taken back. */
const paidBy = `(
    (account_id = $2 AND ((type = 'income') = (reverses IS NOT NULL)))
    OR (to_account_id = $2 AND reverses IS NOT NULL)
  )`

const sql = `SELECT
  (SELECT balance_after FROM (${posted}) recent ORDER BY seq DESC LIMIT 1) AS posted,
  (SELECT sum(amount)::text FROM transactions
   WHERE family_id = $1 AND required_approvals > 0 AND ${paidBy}
     AND created_at <= $3 AND created_at > $3 - ${LONGEST_WAIT} AND (resolved_at IS NULL OR resolved_at > $3)) AS held`

/** An account's balance as it was recorded at a moment; zeros before it existed, and today's for a moment to come. */
export async function balanceAt(
  db: Tx,
  familyId: string,
  account: LedgerAccount,
  at: Date,
): Promise<Balance> {
  const [row] = await db.query<{ posted: string | null; held: string | null }>(sql, [
    familyId,
    account.id,
    at,
  ])
  return balanceView({
    posted: BigInt(row?.posted ?? 0),
    held: BigInt(row?.held ?? 0),
    currency: account.currency,
  })
}
