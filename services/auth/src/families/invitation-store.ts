import { Problem, type Role } from '@common-purse/contracts'
import type { Tx } from '@common-purse/kit/database'
import type { Change } from '@common-purse/kit/outbox'
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

/** Not to be used any more. */
const past = '(i.used_at IS NOT NULL OR i.revoked_at IS NOT NULL OR i.expires_at <= now())'

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
            ${past} AS past
     FROM invitations i JOIN families f ON f.id = i.family_id
     WHERE i.token_hash = $1 FOR UPDATE OF i`,
    [hashOf(token)],
  )
  if (!row || (row.email !== null && row.email !== email))
    throw new Problem('not_found', 'There is no such invitation for this e-mail address')
  if (row.past)
    throw new Problem(
      'invitation_expired',
      'The invitation has expired, was used or was taken back; ask for a new one',
    )
  return row
}

export const markInvitationUsed = (tx: Tx, id: string, userId: string, now: Date) =>
  tx.query('UPDATE invitations SET used_at = $3, used_by = $2::uuid WHERE id = $1::uuid', [id, userId, now])

/** What a revocation needs to know; the row is locked. */
interface LockedInvitation {
  id: string
  familyId: string
  role: Role
  version: number
}

const lockedColumns = 'i.id, i.family_id AS "familyId", i.role, i.version'

export async function lockInvitation(
  tx: Tx,
  familyId: string,
  id: string,
): Promise<(LockedInvitation & { past: boolean }) | undefined> {
  const [invitation] = await tx.query<LockedInvitation & { past: boolean }>(
    `SELECT ${lockedColumns}, ${past} AS past FROM invitations i
     WHERE i.family_id = $1::uuid AND i.id = $2::uuid FOR UPDATE`,
    [familyId, id],
  )
  return invitation
}

/** Locks what a member's invitations still open, in one order. */
export const lockOpenInvitationsOf = (
  tx: Tx,
  familyId: string,
  userId: string,
): Promise<LockedInvitation[]> =>
  tx.query<LockedInvitation>(
    `SELECT ${lockedColumns} FROM invitations i
     WHERE i.family_id = $1::uuid AND i.created_by = $2::uuid AND NOT ${past} ORDER BY i.id FOR UPDATE`,
    [familyId, userId],
  )

export type RevocationCause = 'revoked' | 'inviter_demoted' | 'inviter_removed'

export async function revokeInvitation(
  tx: Tx,
  { id, familyId, role, version }: LockedInvitation,
  cause: RevocationCause,
  now: Date,
): Promise<Change> {
  await tx.query('UPDATE invitations SET revoked_at = $2, version = $3 WHERE id = $1::uuid', [
    id,
    now,
    version + 1,
  ])
  const values = { invitation_id: id, family_id: familyId, role }
  return {
    action: 'member.invitation_revoked',
    entityType: 'invitation',
    entityId: id,
    version: version + 1,
    oldValues: values,
    newValues: { ...values, cause },
  }
}

export interface OpenInvitation {
  id: string
  role: Role
  email: string | null
  createdBy: string
  createdAt: Date
  expiresAt: Date
}

/** Newest first, from behind the invitation `before` on. */
export const listOpenInvitations = (
  tx: Tx,
  { familyId, before, limit }: { familyId: string; before: string | undefined; limit: number },
): Promise<OpenInvitation[]> =>
  tx.query<OpenInvitation>(
    `SELECT i.id, i.role, i.email, i.created_by AS "createdBy", i.created_at AS "createdAt", i.expires_at AS "expiresAt"
     FROM invitations i
     WHERE i.family_id = $1::uuid AND NOT ${past} AND ($2::uuid IS NULL OR (i.created_at, i.id) <
       (SELECT created_at, id FROM invitations WHERE id = $2::uuid AND family_id = $1::uuid))
     ORDER BY i.created_at DESC, i.id DESC LIMIT $3`,
    [familyId, before ?? null, limit],
  )
