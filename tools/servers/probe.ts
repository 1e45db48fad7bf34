import type { ServerKind } from './sources.ts'

/** Signs in and asks the server for its version; throws what the client throws when that does not work. */
export function probe(kind: ServerKind, url: string): Promise<string> {
  return { postgres: probePostgres, redis: probeRedis, nats: probeNats }[kind](url)
}

/** The same as a yes or no. */
export async function answers(kind: ServerKind, url: string): Promise<boolean> {
  return probe(kind, url).then(
    () => true,
    () => false,
  )
}

const TIMEOUT_MS = 3_000

async function probePostgres(url: string): Promise<string> {
  const { default: pg } = await import('pg')
  const client = new pg.Client({
    connectionString: url,
    connectionTimeoutMillis: TIMEOUT_MS,
    query_timeout: TIMEOUT_MS,
  })
  client.on('error', () => undefined)
  try {
    await client.connect()
    const { rows } = await client.query<{ server_version: string }>('SHOW server_version')
    return rows[0]?.server_version.split(' ')[0] ?? ''
  } finally {
    await client.end().catch(() => undefined)
  }
}

async function probeRedis(url: string): Promise<string> {
  const { Redis } = await import('ioredis')
  const client = new Redis(url, {
    lazyConnect: true,
    connectTimeout: TIMEOUT_MS,
    commandTimeout: TIMEOUT_MS,
    maxRetriesPerRequest: 0,
    retryStrategy: () => null,
  })
  let cause: Error | undefined
  client.on('error', (error: Error) => (cause = error))
  try {
    await client.connect()
    return (await client.info('server')).match(/redis_version:(\S+)/)?.[1] ?? ''
  } catch (error) {
    throw cause ?? error // "Connection is closed" says less than what closed it
  } finally {
    client.disconnect()
  }
}

async function connectToNats(url: string) {
  const { connect } = await import('@nats-io/transport-node')
  // The client reads no user from a URL: it takes it for a part of the address.
  const { host, username, password } = new URL(url)
  return await connect({
    servers: host,
    ...(username && { user: decodeURIComponent(username) }),
    ...(password && { pass: decodeURIComponent(password) }),
    reconnect: false,
    timeout: TIMEOUT_MS,
  })
}

/** Whether JetStream tells of each stream that it has. */
export async function streamsAnswer(url: string): Promise<boolean> {
  try {
    const { jetstreamManager } = await import('@nats-io/jetstream')
    const connection = await connectToNats(url)
    try {
      const manager = await jetstreamManager(connection, { timeout: TIMEOUT_MS })
      for await (const _ of manager.streams.list());
      return true
    } finally {
      await connection.close()
    }
  } catch {
    return false
  }
}

async function probeNats(url: string): Promise<string> {
  const connection = await connectToNats(url)
  try {
    if (connection.info?.jetstream !== true) throw new Error('the server has no JetStream; start it with -js')
    await connection.flush()
    return connection.info.version
  } finally {
    await connection.close()
  }
}
