import type { StartTelegramBinding, User } from '@common-purse/contracts'
import type { Tx } from '@common-purse/kit/database'
import type { Change } from '@common-purse/kit/outbox'
import { hashOf } from '../keys/one-time-secrets.ts'
import { getUser, lockUser } from '../users/user-store.ts'

/** A Telegram account behind a code, waiting for a person to say that it is theirs. */
export interface Binding {
  telegramId: string
  chatId: string
  username: string | null
  firstName: string | null
  language: string | null
  createdAt: Date
  expiresAt: Date
}

export const toBinding = (body: StartTelegramBinding, createdAt: Date, expiresAt: Date): Binding => ({
  telegramId: body.telegram_id,
  chatId: body.chat_id,
  username: body.username ?? null,
  firstName: body.first_name ?? null,
  language: body.language ?? null,
  createdAt,
  expiresAt,
})

/** Stores a binding under the hash of its code. */
export async function insertBinding(tx: Tx, code: string, binding: Binding): Promise<void> {
  const { telegramId, chatId, username, firstName, language, createdAt, expiresAt } = binding
  await tx.query(
    `INSERT INTO telegram_bindings (code_hash, telegram_id, chat_id, username, first_name, language, created_at, expires_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
    [hashOf(code), telegramId, chatId, username, firstName, language, createdAt, expiresAt],
  )
}

/**
 * Locks the binding behind a code; `past` when it expired or was used. The other codes of the account are locked with
 * it, in one order: they end together, and two people with two of them must not wait for each other.
 */
export async function lockBinding(tx: Tx, code: string): Promise<(Binding & { past: boolean }) | undefined> {
  await tx.query(
    `SELECT 1 FROM telegram_bindings
     WHERE telegram_id = (SELECT telegram_id FROM telegram_bindings WHERE code_hash = $1) AND used_at IS NULL
     ORDER BY code_hash FOR UPDATE`,
    [hashOf(code)],
  )
  const [row] = await tx.query<Binding & { past: boolean }>(
    `SELECT telegram_id AS "telegramId", chat_id AS "chatId", username, first_name AS "firstName", language,
            created_at AS "createdAt", expires_at AS "expiresAt", used_at IS NOT NULL OR expires_at <= now() AS past
     FROM telegram_bindings WHERE code_hash = $1 FOR UPDATE`,
    [hashOf(code)],
  )
  return row
}

/** No other code of the same Telegram account is good any more. */
export const useUpBindings = (tx: Tx, telegramId: string, now: Date) =>
  tx.query('UPDATE telegram_bindings SET used_at = $2 WHERE telegram_id = $1 AND used_at IS NULL', [
    telegramId,
    now,
  ])

export interface Identity {
  telegramId: string
  userId: string
  username: string | null
  boundAt: Date
}

const identityColumns = `telegram_id AS "telegramId", user_id AS "userId", username, bound_at AS "boundAt"`

/** The link of a Telegram account, when it has one. */
export async function findIdentity(tx: Tx, telegramId: string): Promise<Identity | undefined> {
  const [row] = await tx.query<Identity>(
    `SELECT ${identityColumns} FROM telegram_identities WHERE telegram_id = $1 AND user_id IS NOT NULL`,
    [telegramId],
  )
  return row
}

export async function findIdentityOf(tx: Tx, userId: string): Promise<Identity | undefined> {
  const [row] = await tx.query<Identity>(
    `SELECT ${identityColumns} FROM telegram_identities WHERE user_id = $1::uuid`,
    [userId],
  )
  return row
}

/**
 * Links a Telegram account that is free, and answers the number of its last event: starting and binding are two.
 * Undefined when somebody was faster.
 */
export async function bindIdentity(
  tx: Tx,
  binding: Binding,
  userId: string,
  now: Date,
): Promise<number | undefined> {
  const { telegramId, chatId, username, firstName, language } = binding
  const [row] = await tx.query<{ version: number }>(
    `INSERT INTO telegram_identities AS t (telegram_id, user_id, chat_id, username, first_name, language, bound_at, version)
     VALUES ($1, $2::uuid, $3, $4, $5, $6, $7, 2)
     ON CONFLICT (telegram_id) DO UPDATE SET user_id = excluded.user_id, chat_id = excluded.chat_id,
       username = excluded.username, first_name = excluded.first_name, language = excluded.language,
       bound_at = excluded.bound_at, version = t.version + 2
       WHERE t.user_id IS NULL
     RETURNING version`,
    [telegramId, userId, chatId, username, firstName, language, now],
  )
  return row?.version
}

/** The user behind a Telegram account, locked: unlinking waits, so that no session begins behind its back. */
export async function lockUserOf(tx: Tx, telegramId: string): Promise<User | undefined> {
  const linked = await findIdentity(tx, telegramId)
  if (!linked) return undefined
  await lockUser(tx, linked.userId) // first, as whoever unlinks does
  const still = await findIdentity(tx, telegramId)
  return still?.userId === linked.userId ? await getUser(tx, linked.userId) : undefined
}

/** Takes the link of a user away; undefined when they have none. The bot says good-bye in the chat that is named. */
export async function releaseIdentity(tx: Tx, userId: string): Promise<Change | undefined> {
  const [row] = await tx.query<
    Pick<Binding, 'telegramId' | 'chatId' | 'username' | 'language'> & { version: number }
  >(
    `UPDATE telegram_identities SET user_id = NULL, version = version + 1 WHERE user_id = $1::uuid
     RETURNING telegram_id AS "telegramId", chat_id AS "chatId", username, language, version`,
    [userId],
  )
  if (!row) return undefined
  const { telegramId, chatId, username, language, version } = row
  const values = { telegram_id: telegramId, username, user_id: userId }
  return {
    action: 'telegram.unbound',
    entityType: 'telegram',
    entityId: telegramId,
    version,
    oldValues: values,
    newValues: { ...values, user_id: null, chat_id: chatId, language },
  }
}
