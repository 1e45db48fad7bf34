import type { ClientKind } from '@common-purse/contracts'
import type { Tx } from '@common-purse/kit/database'
import type { Session } from './session-store.ts'

export interface RunningRow {
  id: string
  createdAt: Date
  lastSeenAt: Date
  expiresAt: Date
  client: ClientKind
  userAgent: string | null
  ip: string
}

export interface Which {
  userId: string
  /** Only sessions that work in this family; all without it. */
  familyId: string | undefined
  /** The session that the page before ended with. */
  before: string | undefined
  limit: number
}

const running = 'ended_at IS NULL AND expires_at > clock_timestamp()'

/** A user's running sessions, newest first. */
export const listRunning = (tx: Tx, { userId, familyId, before, limit }: Which): Promise<RunningRow[]> =>
  tx.query<RunningRow>(
    `SELECT id, created_at AS "createdAt", last_seen_at AS "lastSeenAt", expires_at AS "expiresAt", client,
       user_agent AS "userAgent", ip
     FROM sessions s
     WHERE user_id = $1::uuid AND ${running} AND ($2::uuid IS NULL OR family_id = $2::uuid)
       AND ($3::uuid IS NULL OR (created_at, id) <
         (SELECT created_at, id FROM sessions WHERE id = $3::uuid AND user_id = $1::uuid))
     ORDER BY created_at DESC, id DESC LIMIT $4`,
    [userId, familyId ?? null, before ?? null, limit],
  )

/** Locks a session; undefined when it does not run any more. */
export async function lockRunningById(tx: Tx, id: string): Promise<Session | undefined> {
  const [session] = await tx.query<Session>(
    `SELECT id, user_id AS "userId", family_id AS "familyId", client, expires_at AS "expiresAt", version FROM sessions
     WHERE id = $1::uuid AND ${running} FOR NO KEY UPDATE`,
    [id],
  )
  return session
}
