import type { ClientKind } from '@common-purse/contracts'
import type { Tx } from '@common-purse/kit/database'
import type { Change } from '@common-purse/kit/outbox'
import { hashOf } from '../keys/one-time-secrets.ts'
import { addressKey } from './address-key.ts'

export interface Session {
  id: string
  userId: string
  familyId: string
  client: ClientKind
  expiresAt: Date
  version: number
}

/** What was given beside the password. */
export type SecondFactor = 'totp' | 'recovery_code'

export interface NewSession extends Session {
  userAgent: string | undefined
  ip: string
  /** Null when the password was enough, or when the session was not opened by one. */
  secondFactor: SecondFactor | null
  createdAt: Date
}

const columns = `id, user_id AS "userId", family_id AS "familyId", client, expires_at AS "expiresAt", version`

/**
 * SQL: whether the session that is being inserted comes from an address or a program that the user has not been signed in
 * from, among the sessions that are kept. Not the first of all, and not the bot's, whose address is everybody's.
 */
const isNewDevice = `client <> 'bot' AND EXISTS (SELECT 1 FROM sessions k WHERE k.user_id = $2::uuid AND k.client <> 'bot')
  AND NOT (
    EXISTS (SELECT 1 FROM sessions k WHERE k.user_id = $2::uuid AND k.client <> 'bot' AND k.address_key = $7)
    AND EXISTS (SELECT 1 FROM sessions k WHERE k.user_id = $2::uuid AND k.client <> 'bot'
      AND k.user_agent IS NOT DISTINCT FROM $5))`

/** The bot listens to the event of a new device, to ask in the chat whether it is the person's own. */
export async function insertSession(tx: Tx, session: NewSession): Promise<Change> {
  const { id, userId, familyId, client, ip, createdAt, expiresAt, version, secondFactor } = session
  const userAgent = session.userAgent ?? null
  const [row] = await tx.query<{ newDevice: boolean }>(
    `INSERT INTO sessions (id, user_id, family_id, client, user_agent, ip, address_key, second_factor, created_at,
       last_seen_at, expires_at, version)
     VALUES ($1::uuid, $2::uuid, $3::uuid, $4::client_kind, $5, $6, $7, $8, $9, $9, $10, $11)
     RETURNING ${isNewDevice} AS "newDevice"`,
    [
      id,
      userId,
      familyId,
      client,
      userAgent,
      ip,
      addressKey(ip),
      secondFactor,
      createdAt,
      expiresAt,
      version,
    ],
  )
  const seen = {
    client,
    user_agent: userAgent,
    second_factor: secondFactor,
    new_device: row!.newDevice,
  }
  return { action: 'session.started', ...entityOf(session), newValues: { ...valuesOf(session), ...seen } }
}

export const insertRefreshToken = (tx: Tx, sessionId: string, token: string) =>
  tx.query('INSERT INTO refresh_tokens (token_hash, session_id) VALUES ($1, $2::uuid)', [
    hashOf(token),
    sessionId,
  ])

export interface PresentedToken {
  session: Session & { over: boolean }
  /** Seconds since the token was used, by the database's clock; null when it was not. */
  usedSecondsAgo: number | null
  successorKey: string | null
}

/** Locks the session behind a refresh token, then reads the token: whoever came first has used it by then. */
export async function lockByToken(tx: Tx, token: string): Promise<PresentedToken | undefined> {
  const hash = hashOf(token)
  const [session] = await tx.query<PresentedToken['session']>(
    `SELECT ${columns}, ended_at IS NOT NULL OR expires_at <= clock_timestamp() AS over FROM sessions
     WHERE id = (SELECT session_id FROM refresh_tokens WHERE token_hash = $1) FOR NO KEY UPDATE`,
    [hash],
  )
  if (!session) return undefined
  const [row] = await tx.query<Omit<PresentedToken, 'session'>>(
    `SELECT extract(epoch FROM clock_timestamp() - used_at)::float AS "usedSecondsAgo", successor_key AS "successorKey"
     FROM refresh_tokens WHERE token_hash = $1`,
    [hash],
  )
  return { session, ...row! }
}

export const markTokenUsed = (tx: Tx, token: string, successorKey: string) =>
  tx.query(
    'UPDATE refresh_tokens SET used_at = clock_timestamp(), successor_key = $2 WHERE token_hash = $1',
    [hashOf(token), successorKey],
  )

/** Counts a refresh, and moves the session to the family when it was in another. */
export async function touchSession(tx: Tx, session: Session, familyId: string, now: Date): Promise<Change> {
  const version = session.version + 1
  await tx.query(
    'UPDATE sessions SET family_id = $2::uuid, last_seen_at = $3, version = $4 WHERE id = $1::uuid',
    [session.id, familyId, now, version],
  )
  const moved = familyId === session.familyId ? {} : { oldValues: { family_id: session.familyId } }
  const after = { ...session, familyId, version }
  return { action: 'session.refreshed', ...entityOf(after), ...moved, newValues: valuesOf(after) }
}

export type Which = 'local' | 'others' | 'global'

/** Locks the user's running sessions in one order, so that two who end them do not wait for each other. */
export const lockRunning = (tx: Tx, userId: string, which: Which, sessionId: string): Promise<Session[]> =>
  tx.query<Session>(
    `SELECT ${columns} FROM sessions
     WHERE user_id = $1::uuid AND ended_at IS NULL
       AND CASE $2 WHEN 'local' THEN id = $3::uuid WHEN 'others' THEN id <> $3::uuid ELSE true END
     ORDER BY id FOR NO KEY UPDATE`,
    [userId, which, sessionId],
  )

/** `restored`: by `npm run restore`, because nobody knows any more which sessions had ended. */
export type EndCause =
  'logout' | 'revoked' | 'password_changed' | 'telegram_unlinked' | 'refresh_token_reused' | 'restored'

/** Ends a locked session. Gateways read `session_id` and refuse its tokens from then on. */
export async function endSession(tx: Tx, session: Session, cause: EndCause, now: Date): Promise<Change> {
  const version = session.version + 1
  await tx.query('UPDATE sessions SET ended_at = $2, version = $3 WHERE id = $1::uuid', [
    session.id,
    now,
    version,
  ])
  return {
    action: 'session.ended',
    ...entityOf({ ...session, version }),
    newValues: { ...valuesOf(session), cause },
  }
}

/** Says of a session that a code was given in it. */
export const setSecondFactor = (tx: Tx, sessionId: string, secondFactor: SecondFactor) =>
  tx.query('UPDATE sessions SET second_factor = $2 WHERE id = $1::uuid', [sessionId, secondFactor])

/** A used token came back: somebody else has it too. Counts as a change of its own before the end. */
export const reuseDetected = (session: Session): { event: Change; session: Session } => {
  const after = { ...session, version: session.version + 1 }
  return {
    event: { action: 'session.reuse_detected', ...entityOf(after), newValues: valuesOf(after) },
    session: after,
  }
}

const entityOf = ({ id, version }: Session) => ({ entityType: 'session', entityId: id, version })

const valuesOf = ({ id, userId, familyId }: Session) => ({
  session_id: id,
  user_id: userId,
  family_id: familyId,
})
