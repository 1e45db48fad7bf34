import { openBus } from '@common-purse/kit/bus'
import { createTokenVerifier, remoteKeys } from '@common-purse/kit/caller'
import { createConsumerMetrics } from '@common-purse/kit/consumer-metrics'
import { asTx, openPool } from '@common-purse/kit/database'
import { followDatabaseClock } from '@common-purse/kit/database-clock'
import { listen } from '@common-purse/kit/listen'
import type { Logger } from '@common-purse/kit/logger'
import { createMetrics } from '@common-purse/kit/metrics'
import { startOps } from '@common-purse/kit/ops'
import { startRelay } from '@common-purse/kit/relay'
import type { Running } from '@common-purse/kit/run-service'
import { createServiceApp } from '@common-purse/kit/service-app'
import { createStopStack } from '@common-purse/kit/stop-stack'
import { watchUnreadable } from '@common-purse/kit/unreadable'
import { watchDatabase } from '@common-purse/kit/watch-database'
import { watchOutbox } from '@common-purse/kit/watch-outbox'
import { PrismaPg } from '@prisma/adapter-pg'
import { v7 as newId } from 'uuid'
import { startCleanUp } from './clean-up.ts'
import type { Config } from './config.ts'
import { PrismaClient } from './generated/client.ts'
import { ledgerHandlers } from './handlers.ts'
import { projectMembers } from './members/project-members.ts'
import { policyDefaults } from './policy/policy-defaults.ts'
import { policyFinder } from './policy/policy-store.ts'
import { startSelfCheck } from './self-check/start-self-check.ts'
import { startExpiry } from './transactions/expire-transactions.ts'
import { watchPending } from './transactions/watch-pending.ts'
import { createWritePath } from './write-path/write-path.ts'

export interface RunningLedger extends Running {
  url: string
  opsUrl: string
}

/** Opens everything the ledger needs, in order; `stop` closes it in reverse. */
export async function startLedger(config: Config, logger: Logger): Promise<RunningLedger> {
  const opened = createStopStack()
  let stopping = false
  try {
    const metrics = createMetrics('ledger')
    const pool = openPool(config.DATABASE_URL, logger)
    opened.push(() => pool.end())
    const prisma = new PrismaClient({ adapter: new PrismaPg(pool, { schema: 'ledger' }) })
    opened.push(() => prisma.$disconnect())
    const link = openBus(config, 'ledger', logger)
    opened.push(link.stop)
    const relay = startRelay(pool, link, logger)
    opened.push(relay.stop)
    const consumers = createConsumerMetrics(metrics)
    opened.push(projectMembers({ pool, link, logger, metrics: consumers }).stop)
    watchUnreadable(pool, metrics)
    const { now, stop: stopClock } = await followDatabaseClock(pool, logger)
    opened.push(stopClock)
    const clock = { now, newId: () => newId() }
    const everySeconds = config.APPROVAL_EXPIRY_CHECK_SECONDS
    opened.push(startExpiry({ ...clock, pool, logger, wake: relay.wake, everySeconds }).stop)
    watchPending(pool, metrics)
    const outbox = watchOutbox(pool, relay, metrics)

    opened.push(startCleanUp(pool, config, logger))
    const check = { db: asTx(pool), logger, metrics, everySeconds: config.SELF_CHECK_SECONDS }
    opened.push(startSelfCheck(check).stop)
    const findPolicy = policyFinder(policyDefaults(config))
    const count = metrics.counter(
      'ledger_fast_path_total',
      'Transactions that were posted in a batch, and those left to the use-case by reason',
      'outcome',
    )
    const postPlain = createWritePath({ ...clock, pool, findPolicy, logger, count })
    const keepSeconds = config.IDEMPOTENCY_SECONDS
    const parts = { ...clock, pool, prisma, wake: relay.wake, findPolicy, postPlain, keepSeconds }
    const handlers = ledgerHandlers(parts)
    const verifyToken = createTokenVerifier(remoteKeys(config.JWKS_URL), config, now)
    const app = createServiceApp({ service: 'ledger', handlers, verifyToken, metrics, logger })
    const ops = await startOps({
      port: config.OPS_PORT,
      host: config.HOST,
      metrics,
      isStopping: () => stopping,
      checks: [
        { name: 'postgres', critical: true, check: async () => void (await pool.query('SELECT 1')) },
        { name: 'nats', critical: false, check: link.check },
        outbox,
        watchDatabase(pool, metrics),
      ],
    })
    opened.push(ops.close)
    const server = await listen(app, { port: config.PORT, host: config.HOST })
    opened.push(server.close)
    const beginStop = () => ((stopping = true), server.retire())
    return { url: server.url, opsUrl: ops.url, beginStop, stop: opened.stop }
  } catch (error) {
    await opened.stop().catch(() => undefined) // a half-started service leaves nothing behind
    throw error
  }
}
