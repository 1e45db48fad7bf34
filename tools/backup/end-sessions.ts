import type { ClientKind } from '@common-purse/contracts'
import type pg from 'pg'
import { asTx } from '../../libs/kit/src/database.ts'
import { enqueue, toEvent } from '../../libs/kit/src/outbox.ts'
import { endSession, type Session } from '../../services/auth/src/sessions/session-store.ts'
import { withSql } from './with-sql.ts'

// In pages, so that a large house fits into memory.
const PAGE = 1_000

/**
 * Ends every session of a restored database, each with its event, and answers how many: one that was ended after the backup
 * would work again. All of it or nothing, as the database's administrator.
 */
export const endAllSessions = (url: string): Promise<number> =>
  withSql(url, async (sql) => {
    await sql.query('BEGIN')
    await sql.query('SET LOCAL search_path = auth')
    const { rows } = await sql.query<{ now: Date }>('SELECT now()')
    let ended = 0
    for (;;) {
      const found = await endPage(sql, rows[0]!.now)
      ended += found
      if (found < PAGE) break
    }
    await sql.query('COMMIT')
    return ended
  })

async function endPage(sql: pg.Client, now: Date): Promise<number> {
  const tx = asTx(sql)
  const running = await tx.query<Session & { client: ClientKind }>(
    `SELECT id, user_id AS "userId", family_id AS "familyId", client, expires_at AS "expiresAt", version FROM sessions
     WHERE ended_at IS NULL ORDER BY id LIMIT $1 FOR NO KEY UPDATE`,
    [PAGE],
  )
  for (const session of running) {
    const change = await endSession(tx, session, 'restored', now)
    await enqueue(tx, [toEvent('auth', { familyId: session.familyId }, change, now)])
  }
  return running.length
}
