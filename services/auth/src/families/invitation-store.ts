import { Problem, type Role } from '@common-purse/contracts'
import type { Tx } from '@common-purse/kit/database'
import { hashOf } from '../keys/one-time-secrets.ts'

export interface NewInvitation {
  id: string
  familyId: string
  role: Role
  email: string | undefined
  token: string
  createdBy: string
  now: Date
  expiresAt: Date
}

export const insertInvitation = (tx: Tx, invitation: NewInvitation) =>
  tx.query(
    `INSERT INTO invitations (id, family_id, role, email, token_hash, created_by, created_at, expires_at)
     VALUES ($1::uuid, $2::uuid, $3::member_role, $4, $5, $6::uuid, $7, $8)`,
    [
      invitation.id,
      invitation.familyId,
      invitation.role,
      invitation.email ?? null,
      hashOf(invitation.token),
      invitation.createdBy,
      invitation.now,
      invitation.expiresAt,
    ],
  )

export interface Invitation {
  id: string
  familyId: string
  familyName: string
  role: Role
}

/**
 * Locks the invitation behind a token, so that of two who use it one comes second; throws `not_found` for an unknown
 * token or another person's, `invitation_expired` for one that is past.
 */
export async function takeInvitation(tx: Tx, token: string, email: string): Promise<Invitation> {
  const [row] = await tx.query<Invitation & { email: string | null; past: boolean }>(
    `SELECT i.id, i.family_id AS "familyId", f.name AS "familyName", i.role, i.email,
            i.used_at IS NOT NULL OR i.expires_at <= now() AS past
     FROM invitations i JOIN families f ON f.id = i.family_id
     WHERE i.token_hash = $1 FOR UPDATE OF i`,
    [hashOf(token)],
  )
  if (!row || (row.email !== null && row.email !== email))
    throw new Problem('not_found', 'There is no such invitation for this e-mail address')
  if (row.past)
    throw new Problem('invitation_expired', 'The invitation has expired or was used; ask for a new one')
  return row
}

export const markInvitationUsed = (tx: Tx, id: string, userId: string, now: Date) =>
  tx.query('UPDATE invitations SET used_at = $3, used_by = $2::uuid WHERE id = $1::uuid', [id, userId, now])
