import type { User } from '@common-purse/contracts'
import type { Caller } from '@common-purse/kit/caller'
import type { Tx } from '@common-purse/kit/database'
import { Problem } from '@common-purse/contracts'
import { addressKey } from '../sessions/address-key.ts'
import { isKnownAddress } from '../sessions/known-address.ts'
import type { SecondFactor } from '../sessions/session-store.ts'

/** A user as they are when somebody wants to be them. */
export interface Account {
  user: User
  passwordHash: string
  /** Whether the address that asks is one the account was signed in to from. */
  known: boolean
}

interface Place {
  ip: string
  days: number
}

type AccountRow = User & Omit<Account, 'user'>

const accountOf = ({ passwordHash, known, ...user }: AccountRow): Account => ({ user, passwordHash, known })

/** One query, so that an address that nobody has is the same work as one that somebody has. */
export async function findAccount(db: Tx, email: string, { ip, days }: Place): Promise<Account | undefined> {
  const [row] = await db.query<AccountRow>(
    `SELECT u.id, u.email, u.display_name, u.password_hash AS "passwordHash", ${isKnownAddress('$2', '$3')} AS known
     FROM users u WHERE u.email = $1`,
    [email, addressKey(ip), days],
  )
  return row && accountOf(row)
}

/** What a signed-in person's next proof is judged by. */
export interface SignedIn extends Account {
  session: { secondsOld: number; secondFactor: SecondFactor | null }
  totpEnabled: boolean
}

/** The caller's account and how their session was opened; throws `token_revoked` when it is over. */
export async function getSignedIn(db: Tx, caller: Caller, { ip, days }: Place): Promise<SignedIn> {
  const [row] = await db.query<
    AccountRow & { secondsOld: number; secondFactor: SecondFactor | null; totpEnabled: boolean }
  >(
    `SELECT u.id, u.email, u.display_name, u.password_hash AS "passwordHash", ${isKnownAddress('$3', '$4')} AS known,
       extract(epoch FROM clock_timestamp() - s.created_at)::float AS "secondsOld",
       s.second_factor AS "secondFactor", t.enabled_at IS NOT NULL AS "totpEnabled"
     FROM sessions s JOIN users u ON u.id = s.user_id LEFT JOIN totp_secrets t ON t.user_id = u.id
     WHERE s.id = $1::uuid AND s.user_id = $2::uuid AND s.ended_at IS NULL`,
    [caller.sessionId, caller.userId, addressKey(ip), days],
  )
  if (!row) throw sessionOver()
  const { secondsOld, secondFactor, totpEnabled, ...account } = row
  return { ...accountOf(account), session: { secondsOld, secondFactor }, totpEnabled }
}

const sessionOver = () => new Problem('token_revoked', 'The session was ended; sign in again')

/** Lets one change of how a user signs in run at a time, and answers the password's hash of now. */
export async function lockCredentials(tx: Tx, userId: string): Promise<string> {
  const [row] = await tx.query<{ passwordHash: string }>(
    'SELECT password_hash AS "passwordHash" FROM users WHERE id = $1::uuid FOR NO KEY UPDATE',
    [userId],
  )
  return row!.passwordHash
}

/** The same for a signed-in caller; throws `token_revoked` when their session was ended while this waited. */
export async function lockSignedIn(tx: Tx, caller: Caller): Promise<string> {
  const passwordHash = await lockCredentials(tx, caller.userId)
  const running = await tx.query('SELECT 1 FROM sessions WHERE id = $1::uuid AND ended_at IS NULL', [
    caller.sessionId,
  ])
  if (running.length === 0) throw sessionOver()
  return passwordHash
}

export const setPasswordHash = (tx: Tx, userId: string, passwordHash: string) =>
  tx.query('UPDATE users SET password_hash = $2 WHERE id = $1::uuid', [userId, passwordHash])

/** Counts an event of the user; the row is locked. */
export async function nextUserVersion(tx: Tx, userId: string): Promise<number> {
  const [row] = await tx.query<{ version: number }>(
    'UPDATE users SET version = version + 1 WHERE id = $1::uuid RETURNING version',
    [userId],
  )
  return row!.version
}
