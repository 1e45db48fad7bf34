import { type BusLink, openBus } from '@common-purse/kit/bus'
import { createTokenVerifier } from '@common-purse/kit/caller'
import { asTx, openPool, type Tx } from '@common-purse/kit/database'
import { followDatabaseClock } from '@common-purse/kit/database-clock'
import { listen } from '@common-purse/kit/listen'
import type { Logger } from '@common-purse/kit/logger'
import { createMetrics } from '@common-purse/kit/metrics'
import { type ReadinessCheck, startOps } from '@common-purse/kit/ops'
import { startRelay } from '@common-purse/kit/relay'
import type { Running } from '@common-purse/kit/run-service'
import { createServiceApp } from '@common-purse/kit/service-app'
import { createStopStack } from '@common-purse/kit/stop-stack'
import { watchDatabase } from '@common-purse/kit/watch-database'
import { watchOutbox } from '@common-purse/kit/watch-outbox'
import { PrismaPg } from '@prisma/adapter-pg'
import { startCleanUp } from './clean-up.ts'
import { createCommits } from './commit.ts'
import type { Config } from './config.ts'
import { PrismaClient } from './generated/client.ts'
import { createHandlers } from './handlers.ts'
import { openKeyRing } from './keys/key-ring.ts'
import { listRevocations } from './revocations/list-revocations.ts'
import { createLiveVerifier } from './sessions/verify-live-caller.ts'
import { createBotVerifier } from './telegram/verify-bot.ts'
import { createPasswordHasher } from './users/password-hasher.ts'

/** Opens everything, serves, and answers where; closed in reverse order. */
export async function startAuth(
  config: Config,
  logger: Logger,
): Promise<Running & { url: string; opsUrl: string }> {
  const opened = createStopStack()
  let [serving, stopping] = [false, false]
  try {
    const pool = openPool(config.DATABASE_URL, logger)
    opened.push(() => pool.end())
    const db = asTx(pool)
    const prisma = new PrismaClient({ adapter: new PrismaPg(pool, { schema: 'auth' }) })
    opened.push(() => prisma.$disconnect())
    const bus = openBus(config, 'auth', logger)
    opened.push(bus.stop)
    const relay = startRelay(pool, bus, logger)
    opened.push(relay.stop)
    const { now, stop: stopClock } = await followDatabaseClock(pool, logger)
    opened.push(stopClock)
    const metrics = createMetrics('auth')
    const outbox = watchOutbox(pool, relay, metrics)
    const ops = await startOps({
      port: config.OPS_PORT,
      host: config.HOST,
      metrics,
      isStopping: () => stopping,
      internal: { '/revocations': listRevocations(db, logger) },
      checks: [...checksOf(db, bus, () => serving), outbox, watchDatabase(pool, metrics)],
    })
    opened.push(ops.close)
    opened.push(startCleanUp(pool, config, logger))
    const keys = openKeyRing(config, logger, metrics)
    opened.push(keys.stop)
    const passwords = await createPasswordHasher()
    opened.push(passwords.stop)
    const app = createServiceApp({
      service: 'auth',
      handlers: createHandlers({
        config,
        db,
        prisma,
        ...createCommits(pool, { relay, now }, config),
        passwords,
        keys,
        now,
      }),
      verifyToken: createLiveVerifier(db, createTokenVerifier(keys.verifying, config, now)),
      verifyBot: createBotVerifier(config, now),
      metrics,
      logger,
    })
    const server = await listen(app, { port: config.PORT, host: config.HOST })
    opened.push(server.close)
    serving = true
    const beginStop = () => ((stopping = true), server.retire())
    return { url: server.url, opsUrl: ops.url, beginStop, stop: opened.stop }
  } catch (error) {
    await opened.stop()
    throw error
  }
}

/** The internal port answers before the API's does, so readiness waits for the API. */
const checksOf = (db: Tx, bus: BusLink, isServing: () => boolean): ReadinessCheck[] => [
  {
    name: 'api',
    critical: true,
    check: () => (isServing() ? Promise.resolve() : Promise.reject(new Error('Not listening yet'))),
  },
  {
    name: 'postgres',
    critical: true,
    check: async () => void (await db.query('SELECT 1 FROM users LIMIT 1', [])),
  },
  { name: 'nats', critical: false, check: bus.check },
]
