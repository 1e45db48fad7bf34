/**
 * Postings of one account carry the time at which their writer began, and their sequence is the order in which writers
 * got the account's lock: within this span the two may differ.
 */
const LONGEST_LOCK_WAIT = `interval '15 seconds'`

interface Where {
  /** SQL of the family's id. */
  familyId: string
  /** SQL of the account's id. */
  accountId: string
  /** SQL of a comparison of `created_at`, such as `<= $3`. */
  recorded: string
}

/**
 * SQL of the postings among which the account's last one is that was recorded by a moment: highest `seq` wins. Without
 * OFFSET the planner would walk the whole account from its newest posting back to that moment.
 */
export const lastRecorded = ({ familyId, accountId, recorded }: Where): string => `
  SELECT seq, balance_after FROM postings
  WHERE family_id = ${familyId} AND account_id = ${accountId} AND created_at ${recorded}
    AND created_at > (SELECT max(created_at) FROM postings
      WHERE family_id = ${familyId} AND account_id = ${accountId} AND created_at ${recorded}) - ${LONGEST_LOCK_WAIT}
  OFFSET 0`

/** The same for the first one that was recorded from a moment on: lowest `seq` wins. */
export const firstRecorded = ({ familyId, accountId, recorded }: Where): string => `
  SELECT seq FROM postings
  WHERE family_id = ${familyId} AND account_id = ${accountId} AND created_at ${recorded}
    AND created_at < (SELECT min(created_at) FROM postings
      WHERE family_id = ${familyId} AND account_id = ${accountId} AND created_at ${recorded}) + ${LONGEST_LOCK_WAIT}
  OFFSET 0`
