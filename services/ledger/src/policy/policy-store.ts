import type { Tx } from '@common-purse/kit/database'
import type { NamedAccount } from './decide-policy.ts'
import type { FamilyPolicy, Threshold } from './policy.ts'
import type { PolicyDefaults } from './policy-defaults.ts'

interface PolicyRow extends Omit<FamilyPolicy, 'inherited'> {
  thresholds: Threshold[]
}

/** The policy that a family goes by, in one look-up; version 0 when it has none of its own. */
export type FindPolicy = (tx: Tx, familyId: string) => Promise<FamilyPolicy>

export const policyFinder =
  (defaults: PolicyDefaults): FindPolicy =>
  async (tx, familyId) => {
    const [row] = await tx.query<PolicyRow>(
      `SELECT version, window_seconds AS "windowSeconds", quorum, expiry_seconds AS "expirySeconds",
         updated_at AS "updatedAt", updated_by AS "updatedBy",
         coalesce((SELECT json_agg(json_build_object('role', role, 'accountId', account_id, 'currency', currency,
                                                     'amount', amount)
                                   ORDER BY role, account_id NULLS FIRST, currency NULLS FIRST)
                   FROM approval_thresholds t WHERE t.family_id = p.family_id), '[]') AS thresholds
       FROM approval_policies p WHERE family_id = $1`,
      [familyId],
    )
    if (!row) return { version: 0, thresholds: [], ...defaults, updatedAt: null, updatedBy: null }
    const decided = row.thresholds.filter(
      ({ accountId, currency }) => accountId === null && currency === null,
    )
    return {
      ...row,
      inherited: defaults.inherited.filter(({ role }) => !decided.some((own) => own.role === role)),
    }
  }

/** One change of a family's policy at a time, also of the first. */
export const lockPolicy = (tx: Tx, familyId: string) =>
  tx.query('SELECT pg_advisory_xact_lock(hashtextextended($1::text, 11))', [familyId])

/** Those of the accounts that the family's people have; they stay until the end of the transaction. */
export const findNamedAccounts = (tx: Tx, familyId: string, ids: string[]): Promise<NamedAccount[]> =>
  tx.query<NamedAccount>(
    `SELECT id, currency FROM accounts WHERE family_id = $1 AND id = ANY($2::uuid[]) AND owner_id IS NOT NULL
     ORDER BY id FOR KEY SHARE`,
    [familyId, ids],
  )

/** Replaces the family's policy as a whole; it is locked already. */
export async function savePolicy(tx: Tx, familyId: string, policy: FamilyPolicy): Promise<void> {
  await tx.query(
    `INSERT INTO approval_policies AS p
       (family_id, window_seconds, quorum, expiry_seconds, version, updated_at, updated_by)
     VALUES ($1, $2, $3, $4, $5, $6, $7)
     ON CONFLICT (family_id) DO UPDATE
     SET window_seconds = excluded.window_seconds, quorum = excluded.quorum,
         expiry_seconds = excluded.expiry_seconds, version = excluded.version,
         updated_at = excluded.updated_at, updated_by = excluded.updated_by`,
    [
      familyId,
      policy.windowSeconds,
      policy.quorum,
      policy.expirySeconds,
      policy.version,
      policy.updatedAt,
      policy.updatedBy,
    ],
  )
  await tx.query('DELETE FROM approval_thresholds WHERE family_id = $1', [familyId])
  await tx.query(
    `INSERT INTO approval_thresholds (family_id, role, account_id, currency, amount)
     SELECT $1, role, account_id, currency, amount
     FROM unnest($2::member_role[], $3::uuid[], $4::text[], $5::text[]) AS t (role, account_id, currency, amount)`,
    [
      familyId,
      policy.thresholds.map(({ role }) => role),
      policy.thresholds.map(({ accountId }) => accountId),
      policy.thresholds.map(({ currency }) => currency),
      policy.thresholds.map(({ amount }) => amount),
    ],
  )
}
