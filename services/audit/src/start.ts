import { openBus } from '@common-purse/kit/bus'
import { createTokenVerifier, remoteKeys } from '@common-purse/kit/caller'
import { createConsumerMetrics } from '@common-purse/kit/consumer-metrics'
import { openPool } from '@common-purse/kit/database'
import { followDatabaseClock } from '@common-purse/kit/database-clock'
import { listen } from '@common-purse/kit/listen'
import type { Logger } from '@common-purse/kit/logger'
import { createMetrics, type RequestMetrics } from '@common-purse/kit/metrics'
import { startOps } from '@common-purse/kit/ops'
import { startRelay } from '@common-purse/kit/relay'
import type { Running } from '@common-purse/kit/run-service'
import { createServiceApp } from '@common-purse/kit/service-app'
import { createStopStack } from '@common-purse/kit/stop-stack'
import { watchUnreadable } from '@common-purse/kit/unreadable'
import { watchDatabase } from '@common-purse/kit/watch-database'
import { watchOutbox } from '@common-purse/kit/watch-outbox'
import { PrismaPg } from '@prisma/adapter-pg'
import type pg from 'pg'
import { unanchoredAge } from './anchors/anchor-store.ts'
import { createAnchorStream } from './anchors/anchor-stream.ts'
import { type AnchorPublisher, createAnchorPublisher } from './anchors/publish-anchors.ts'
import { startAnchoring } from './anchors/start-anchoring.ts'
import { keepAccessPartitions } from './access/keep-partitions.ts'
import type { Config } from './config.ts'
import { PrismaClient } from './generated/client.ts'
import { createHandlers } from './handlers.ts'
import { startReaders } from './read-streams.ts'

export interface RunningAudit extends Running {
  url: string
  opsUrl: string
}

/** Starts the audit service: it stores what arrives on the bus, and answers what was stored. */
export async function startAudit(config: Config, logger: Logger): Promise<RunningAudit> {
  const opened = createStopStack()
  let stopping = false
  try {
    const pool = openPool(config.DATABASE_URL, logger)
    opened.push(() => pool.end())
    const prisma = new PrismaClient({ adapter: new PrismaPg(pool, { schema: 'audit' }) })
    opened.push(() => prisma.$disconnect())
    const link = openBus(config, 'audit', logger)
    opened.push(link.stop)

    const anchors = createAnchorStream(link)
    const publisher = createAnchorPublisher({ pool, anchors, logger })

    const relay = startRelay(pool, link, logger)
    opened.push(relay.stop)

    const metrics = createMetrics('audit')
    const outbox = watchOutbox(pool, relay, metrics)
    addAnchorGauges(metrics, publisher, pool)
    watchUnreadable(pool, metrics)
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

    opened.push(startReaders({ pool, link, logger, metrics: createConsumerMetrics(metrics) }).stop)
    opened.push(startAnchoring({ publisher, link, logger }, config.ANCHOR_SECONDS).stop)

    const days = config.ACCESS_LOG_DAYS
    opened.push(keepAccessPartitions({ pool, days, metrics, logger }).stop)

    const handlers = createHandlers({ pool, prisma, relay, anchors, metrics })
    const clock = await followDatabaseClock(pool, logger)
    opened.push(clock.stop)
    const verifyToken = createTokenVerifier(remoteKeys(config.JWKS_URL), config, clock.now)
    const app = createServiceApp({ service: 'audit', handlers, verifyToken, metrics, logger })
    const server = await listen(app, { port: config.PORT, host: config.HOST })
    opened.push(server.close)
    const beginStop = () => ((stopping = true), server.retire())
    return { url: server.url, opsUrl: ops.url, beginStop, stop: opened.stop }
  } catch (error) {
    await opened.stop() // a half-started service leaves nothing behind
    throw error
  }
}

function addAnchorGauges({ gauge }: RequestMetrics, publisher: AnchorPublisher, pool: pg.Pool): void {
  gauge('audit_unanchored_chains', 'Chains that are not anchored as they are', publisher.unanchored)
  gauge(
    'audit_contradicted_chains',
    'Chains that lack what was anchored, or whose anchor cannot be read',
    publisher.contradicted,
  )
  gauge('audit_chain_head_age_seconds', 'Age of the oldest entry beyond the anchor of its chain', () =>
    unanchoredAge(pool),
  )
}
