import { Problem, type Role } from '@common-purse/contracts'
import type { VerifyToken } from '@common-purse/kit/caller'
import type { Tx } from '@common-purse/kit/database'

/**
 * Verifies a token and then looks whether its session runs and its user is still a member: the service that ends
 * sessions does not wait for the news of it. The role is the one of now.
 */
export const createLiveVerifier =
  (db: Tx, verifyToken: VerifyToken): VerifyToken =>
  async (authorization) => {
    const caller = await verifyToken(authorization)
    const [row] = await db.query<{ role: Role }>(
      `SELECT m.role FROM sessions s JOIN family_members m ON m.user_id = s.user_id AND m.family_id = $3::uuid
       WHERE s.id = $1::uuid AND s.user_id = $2::uuid AND s.ended_at IS NULL AND s.expires_at > clock_timestamp()
         AND m.removed_at IS NULL`,
      [caller.sessionId, caller.userId, caller.familyId],
    )
    if (!row) throw new Problem('token_revoked', 'The session was ended; sign in again')
    return { ...caller, role: row.role }
  }
