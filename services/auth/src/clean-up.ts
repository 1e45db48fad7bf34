import { forgetOldKeys } from '@common-purse/kit/idempotency'
import type { Logger } from '@common-purse/kit/logger'
import type pg from 'pg'
import type { Config } from './config.ts'

type Settings = Pick<
  Config,
  | 'CLEAN_UP_SECONDS'
  | 'IDEMPOTENCY_SECONDS'
  | 'KNOWN_ADDRESS_DAYS'
  | 'LOGIN_FAILURES_ACCOUNT'
  | 'LOGIN_FAILURES_ADDRESS'
>

const AT_ONCE = 1_000
/** A session that is over keeps its refresh tokens for a day, so that whoever still has one hears why it is refused. */
const TOKENS_KEPT_DAYS = 1

const over = (days: string) =>
  `least(ended_at, expires_at) < clock_timestamp() - make_interval(days => ${days})`

/** In this order: a session goes after its tokens. `$1` is how many at once, `$2` the setting beside it. */
const rounds: [sql: string, setting: (settings: Settings) => number][] = [
  [
    `DELETE FROM refresh_tokens WHERE token_hash IN (
       SELECT t.token_hash FROM refresh_tokens t JOIN sessions s ON s.id = t.session_id
       WHERE ${over('$2')} LIMIT $1 FOR UPDATE OF t SKIP LOCKED)`,
    () => TOKENS_KEPT_DAYS,
  ],
  [
    `DELETE FROM sessions WHERE id IN (
       SELECT s.id FROM sessions s WHERE ${over('$2')} AND NOT EXISTS (SELECT 1 FROM refresh_tokens WHERE session_id = s.id)
       LIMIT $1 FOR UPDATE SKIP LOCKED)`,
    ({ KNOWN_ADDRESS_DAYS }) => Math.max(KNOWN_ADDRESS_DAYS, TOKENS_KEPT_DAYS),
  ],
  [
    `DELETE FROM telegram_bindings WHERE code_hash IN (
       SELECT code_hash FROM telegram_bindings WHERE expires_at < clock_timestamp() - make_interval(days => $2)
       ORDER BY expires_at LIMIT $1 FOR UPDATE SKIP LOCKED)`,
    () => 1,
  ],
  [
    `DELETE FROM login_failures WHERE id IN (
       SELECT id FROM login_failures WHERE at < clock_timestamp() - make_interval(secs => $2)
       ORDER BY at LIMIT $1 FOR UPDATE SKIP LOCKED)`,
    (settings) => Math.max(settings.LOGIN_FAILURES_ACCOUNT.seconds, settings.LOGIN_FAILURES_ADDRESS.seconds),
  ],
]

/**
 * Deletes what is over: refresh tokens, sessions that nothing needs any more, codes for Telegram, failed sign-ins, old
 * idempotency keys. Invitations stay: they are history. A part at a time, past what another replica works on.
 */
export async function cleanUp(pool: pg.Pool, settings: Settings): Promise<void> {
  for (const [sql, setting] of rounds) {
    const part = async () => (await pool.query(sql, [AT_ONCE, setting(settings)])).rowCount ?? 0
    while ((await part()) === AT_ONCE);
  }
  await forgetOldKeys(pool, settings.IDEMPOTENCY_SECONDS)
}

/** Cleans up at the start and then every few minutes; answers what stops it. */
export function startCleanUp(pool: pg.Pool, settings: Settings, logger: Logger): () => Promise<void> {
  let running: Promise<void> = Promise.resolve()
  const round = () => {
    running = cleanUp(pool, settings).catch((error: unknown) => {
      logger.warn(
        { err: (error as Error).message },
        'What is over could not be cleared away; trying again later',
      )
    })
  }
  round()
  const timer = setInterval(round, settings.CLEAN_UP_SECONDS * 1000)
  return async () => {
    clearInterval(timer)
    await running
  }
}
