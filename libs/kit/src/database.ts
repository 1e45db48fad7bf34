import { types } from 'node:util'
import pg from 'pg'
import { dropUseless } from './drop-useless.ts'
import type { Logger } from './logger.ts'
import { traceQueries } from './trace-queries.ts'

/** The least that outbox and idempotency need of a database transaction; Prisma's and pg's both offer it. */
export interface Tx {
  query<Row>(sql: string, values: readonly unknown[]): Promise<Row[]>
}

/** A pool for one service's own role; its schema is found by the role's search path. */
export function openPool(url: string, logger: Logger, max = 10): pg.Pool {
  const pool = new pg.Pool({
    connectionString: url,
    max,
    connectionTimeoutMillis: 3_000,
    idleTimeoutMillis: 30_000,
    statement_timeout: 10_000,
    keepAlive: true,
    // The system's own first look comes after two hours.
    keepAliveInitialDelayMillis: 10_000,
  })
  dropUseless(pool)
  traceQueries(pool)
  // An idle connection that breaks (a restart of the server) must not end the process; the next query opens another.
  pool.on('error', (error) => logger.warn({ err: error.message }, 'A database connection broke'))
  // Neither must one that breaks between two queries of a transaction: the next of them fails by itself.
  pool.on('connect', (client) => client.on('error', () => undefined))
  return pool
}

/** The same face for a connection, or for a pool where each query may take another connection. */
export const asTx = (client: {
  query(sql: string, values: unknown[]): Promise<{ rows: unknown[] }>
}): Tx => ({
  query: async <Row>(sql: string, values: readonly unknown[]) =>
    (await client.query(sql, values as unknown[])).rows as Row[],
})

/** The same minimal face for a Prisma interactive transaction. */
export const prismaTx = (tx: {
  $queryRawUnsafe(sql: string, ...values: unknown[]): Promise<unknown>
}): Tx => ({
  query: async <Row>(sql: string, values: readonly unknown[]) =>
    (await tx.$queryRawUnsafe(sql, ...values)) as Row[],
})

/** Runs `work` in one transaction on one connection: commits what it wrote, or nothing when it throws. */
export async function inTransaction<Result>(
  pool: pg.Pool,
  work: (tx: Tx) => Promise<Result>,
): Promise<Result> {
  const client = await pool.connect()
  let broken: Error | undefined
  try {
    await client.query('BEGIN')
    const result = await work(asTx(client))
    await client.query('COMMIT')
    return result
  } catch (error) {
    await client.query('ROLLBACK').catch((failure: Error) => (broken = failure))
    throw error
  } finally {
    client.release(broken)
  }
}

/** What Prisma wraps a database's own error in. */
interface PrismaError {
  code?: string
  meta?: { driverAdapterError?: { cause?: { originalCode?: string } } }
}

/** SQLSTATE of a database error, from pg or through Prisma, or undefined for any other. */
export const sqlState = (error: unknown): string | undefined =>
  error instanceof pg.DatabaseError
    ? error.code
    : (error as PrismaError | undefined)?.meta?.driverAdapterError?.cause?.originalCode

/** Of the network, and Prisma's own for a server that cannot be reached, is too slow, or has hung up. */
const connectionCodes = new Set(
  'ECONNREFUSED ECONNRESET EPIPE ETIMEDOUT ENOTFOUND EAI_AGAIN P1001 P1002 P1008 P1017 P2024'.split(' '),
)

/**
 * Of the server: no connection, no room for one, stopping or starting, taking no writes because another server does, and
 * a database that is being put in its place.
 */
const awayStates = /^(08|53|57P0|25006|3D000)/

/** True when the database could not be reached or went away: the work may be done again later. */
export function isDatabaseAway(error: unknown): boolean {
  if (!types.isNativeError(error)) return false
  const state = sqlState(error)
  if (state !== undefined && !connectionCodes.has(state)) return awayStates.test(state)
  const code = (error as NodeJS.ErrnoException).code
  return (
    (code !== undefined && connectionCodes.has(code)) || /connection|timeout exceeded/i.test(error.message)
  )
}

/** A statement that took too long or waited too long for a lock; two that waited for each other. */
const busyStates = new Set(['57014', '55P03', '40P01', '40001'])

/** True when the database gave a statement up because of others; nothing was written, and another try may do better. */
export const isDatabaseBusy = (error: unknown): boolean => busyStates.has(sqlState(error) ?? '')
