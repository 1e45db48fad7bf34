import type { Register, User } from '@common-purse/contracts'
import type { Tx } from '@common-purse/kit/database'
import type { Change } from '@common-purse/kit/outbox'
import { nextUserVersion } from './credentials-store.ts'

export interface NewUser {
  user: User
  passwordHash: string
  now: Date
}

/** Inserts a user; answers false when the address is taken. */
export async function insertUser(tx: Tx, { user, passwordHash, now }: NewUser): Promise<boolean> {
  const rows = await tx.query(
    `INSERT INTO users (id, email, password_hash, display_name, created_at, last_login_at)
     VALUES ($1::uuid, $2, $3, $4, $5, $5) ON CONFLICT (email) DO NOTHING RETURNING id`,
    [user.id, user.email, passwordHash, user.display_name, now],
  )
  return rows.length === 1
}

export const userRegistered = (user: User): Change => ({
  action: 'user.registered',
  entityType: 'user',
  entityId: user.id,
  version: 1,
  // Without the e-mail address: the trail cannot forget.
  newValues: { user_id: user.id, display_name: user.display_name },
})

/** Gives a locked user another name, as a counted change. */
export async function renameUser(tx: Tx, user: User, displayName: string): Promise<Change> {
  await tx.query('UPDATE users SET display_name = $2 WHERE id = $1::uuid', [user.id, displayName])
  return {
    action: 'user.updated',
    entityType: 'user',
    entityId: user.id,
    version: await nextUserVersion(tx, user.id),
    oldValues: { user_id: user.id, display_name: user.display_name },
    newValues: { user_id: user.id, display_name: displayName },
  }
}

export async function getUser(tx: Tx, userId: string): Promise<User> {
  const [user] = await tx.query<User>('SELECT id, email, display_name FROM users WHERE id = $1::uuid', [
    userId,
  ])
  return user!
}

export const isEmailTaken = async (tx: Tx, { email }: Pick<Register, 'email'>): Promise<boolean> =>
  (await tx.query('SELECT 1 FROM users WHERE email = $1', [email])).length > 0

/** Lets one change of a user's links or memberships run at a time. */
export const lockUser = (tx: Tx, userId: string) =>
  tx.query('SELECT 1 FROM users WHERE id = $1::uuid FOR NO KEY UPDATE', [userId])
