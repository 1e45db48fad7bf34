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
  totpEnabled: boolean
}

interface Place {
  ip: string
  days: number
}

type AccountRow = User & Omit<Account, 'user'>

const accountOf = ({ passwordHash, known, totpEnabled, ...user }: AccountRow): Account => ({
  user,
  passwordHash,
  known,
  totpEnabled,
})

const accountColumns = `u.id, u.email, u.display_name, u.password_hash AS "passwordHash", t.enabled_at IS NOT NULL AS "totpEnabled"`

/** One query, so that an address that nobody has is the same work as one that somebody has. */
export async function findAccount(db: Tx, email: string, { ip, days }: Place): Promise<Account | undefined> {
  const [row] = await db.query<AccountRow>(
    `SELECT ${accountColumns}, ${isKnownAddress('$2', '$3')} AS known
     FROM users u LEFT JOIN totp_secrets t ON t.user_id = u.id WHERE u.email = $1`,
    [email, addressKey(ip), days],
  )
  return row && accountOf(row)
}

/** What a signed-in person's next proof is judged by. */
export interface SignedIn extends Account {
  session: { secondsOld: number; secondFactor: SecondFactor | null }
}

/** The caller's account and how their session was opened; throws `token_revoked` when it is over. */
export async function getSignedIn(db: Tx, caller: Caller, { ip, days }: Place): Promise<SignedIn> {
  const [row] = await db.query<AccountRow & SignedIn['session']>(
    `SELECT ${accountColumns}, ${isKnownAddress('$3', '$4')} AS known,
       extract(epoch FROM clock_timestamp() - s.created_at)::float AS "secondsOld", s.second_factor AS "secondFactor"
     FROM sessions s JOIN users u ON u.id = s.user_id LEFT JOIN totp_secrets t ON t.user_id = u.id
     WHERE s.id = $1::uuid AND s.user_id = $2::uuid AND s.ended_at IS NULL`,
    [caller.sessionId, caller.userId, addressKey(ip), days],
  )
  if (!row) throw sessionOver()
  const { secondsOld, secondFactor, ...account } = row
  return { ...accountOf(account), session: { secondsOld, secondFactor } }
}

const sessionOver = () => new Problem('token_revoked', 'The session was ended; sign in again')

/**
 * Who changes how a user signs in, or guesses at their codes, is alone with that until the transaction's end: `alone`.
 * Sign-ins by password alone run beside each other, but not beside such a change. It is not the user's row that is
 * locked, for that many sign-ins at once would hold many connections waiting for each other's commit.
 * Answers the password's hash of now. Comes before every other lock.
 */
export async function lockCredentials(tx: Tx, userId: string, how: 'alone' | 'together'): Promise<string> {
  const lock = how === 'alone' ? 'pg_advisory_xact_lock' : 'pg_advisory_xact_lock_shared'
  await tx.query(`SELECT ${lock}(hashtextextended($1, 8))`, [userId])
  const [row] = await tx.query<{ passwordHash: string }>(
    'SELECT password_hash AS "passwordHash" FROM users WHERE id = $1::uuid',
    [userId],
  )
  return row!.passwordHash
}

/** The same, alone, for a signed-in caller; throws `token_revoked` when their session was ended while this waited. */
export async function lockSignedIn(tx: Tx, caller: Caller): Promise<string> {
  const passwordHash = await lockCredentials(tx, caller.userId, 'alone')
  const running = await tx.query('SELECT 1 FROM sessions WHERE id = $1::uuid AND ended_at IS NULL', [
    caller.sessionId,
  ])
  if (running.length === 0) throw sessionOver()
  return passwordHash
}

/** Notes when somebody signed in last; where another sign-in is noting the same, that one's time will do. */
export const markLogin = (tx: Tx, userId: string, now: Date) =>
  tx.query(
    `UPDATE users SET last_login_at = $2
     WHERE id = (SELECT id FROM users WHERE id = $1::uuid FOR NO KEY UPDATE SKIP LOCKED)`,
    [userId, now],
  )

export const setPasswordHash = (tx: Tx, userId: string, passwordHash: string) =>
  tx.query('UPDATE users SET password_hash = $2 WHERE id = $1::uuid', [userId, passwordHash])

/** Counts an event of the user. */
export async function nextUserVersion(tx: Tx, userId: string): Promise<number> {
  const [row] = await tx.query<{ version: number }>(
    'UPDATE users SET version = version + 1 WHERE id = $1::uuid RETURNING version',
    [userId],
  )
  return row!.version
}
