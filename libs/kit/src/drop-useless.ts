import type { Socket } from 'node:net'
import type pg from 'pg'

/** Longer than a statement may take by `statement_timeout`, so that a server that is there answers first. */
const SILENT_MS = 12_000

/** What a server says that has become, or still is, a standby: it will take no write before it is another server. */
const READ_ONLY = '25006'

/** What pg does not tell of in its types: the connection below, and whether a statement is under way. */
type Client = Pick<pg.Client, 'connection' | 'end'> & { readyForQuery: boolean }

/**
 * Ends connections that look well and are of no use, so that the next query opens another one, perhaps to another server:
 * those where nobody answers any more (a server that lost its power, or a network that drops what it carries, closes
 * nothing), and those to a server that takes no writes since its standby took its place.
 */
export function dropUseless(pool: pg.Pool, silentMs = SILENT_MS): void {
  const readOnly = new WeakSet<object>()
  pool.on('connect', (taken) => {
    const client = taken as unknown as Client
    const { connection } = client
    const socket = connection.stream as Socket
    // Counted from the last byte in either direction.
    socket.setTimeout(silentMs).on('timeout', () => {
      if (!client.readyForQuery) socket.destroy(silent(silentMs))
    })
    connection.on('errorMessage', ({ code }: pg.DatabaseError) => {
      if (code === READ_ONLY) readOnly.add(client)
    })
  })
  pool.on('release', (_error, client) => {
    if (readOnly.has(client)) void (client as unknown as Client).end()
  })
}

/** In the shape of the system's own error, by which Prisma knows it. */
const silent = (milliseconds: number) =>
  Object.assign(new Error(`The database connection was silent for ${milliseconds / 1000} s`), {
    code: 'ETIMEDOUT',
    syscall: 'read',
    errno: -110,
  })
