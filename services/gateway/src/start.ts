import { createSecretKey } from 'node:crypto'
import type { OwningService } from '@common-purse/contracts'
import { openBus } from '@common-purse/kit/bus'
import { createTokenVerifier, remoteKeys } from '@common-purse/kit/caller'
import { createHouseClock, type HouseClock } from '@common-purse/kit/house-clock'
import { listen } from '@common-purse/kit/listen'
import { logAnswer } from '@common-purse/kit/log-answer'
import type { Logger } from '@common-purse/kit/logger'
import { createMetrics, type RequestMetrics } from '@common-purse/kit/metrics'
import { startOps } from '@common-purse/kit/ops'
import type { Running } from '@common-purse/kit/run-service'
import { createSessionKeys } from '@common-purse/kit/signing-keys'
import { createStopStack } from '@common-purse/kit/stop-stack'
import { Router } from 'express'
import { startAccessLog } from './access/access-log.ts'
import { createAdmission } from './admission.ts'
import { apiPages } from './api-pages.ts'
import { createGateway, type Parts } from './app.ts'
import type { Config } from './config.ts'
import { cors } from './cors.ts'
import { createDenySet } from './deny-set.ts'
import { forwardToOwner } from './forward-to-owner.ts'
import { createFreshness, type Freshness } from './freshness.ts'
import { createHealth, serviceProbe } from './health.ts'
import { authenticate } from './layers/authenticate.ts'
import { context } from './layers/context.ts'
import { findRoute } from './layers/find-route.ts'
import { guardReplay } from './layers/guard-replay.ts'
import { rateLimits } from './layers/rate-limit.ts'
import { readBody } from './layers/read-body.ts'
import { verifySignature } from './layers/verify-signature.ts'
import { createNonceMemory } from './nonce-memory.ts'
import { pollRevocations } from './poll-revocations.ts'
import { answerUnreadable } from './raw-answers.ts'
import { openRedis } from './redis-link.ts'
import { stateOf } from './request-state.ts'
import { protectiveHeaders, securityHeaders } from './security-headers.ts'
import { createUpstream, type Upstream } from './upstream.ts'
import { watchRevocations, type WatchOptions } from './watch-revocations.ts'
import { webPages } from './web-pages.ts'

export type Gateway = Running & { url: string; opsUrl: string }

/** How long the start waits for Redis and for the revocations; it goes on without them. */
const PATIENCE_MS = 2_500

/** Opens everything, in order, and answers when requests are taken. */
export async function startGateway(config: Config, logger: Logger): Promise<Gateway> {
  const stack = createStopStack()
  try {
    return await start(config, logger, stack)
  } catch (error) {
    await stack.stop()
    throw error
  }
}

type Stack = ReturnType<typeof createStopStack>

async function start(config: Config, logger: Logger, stack: Stack): Promise<Gateway> {
  let stopping = false
  const metrics = createMetrics('gateway')
  const part = openParts(config, logger, stack)
  const app = createGateway(chainOf(config, part, metrics, logger))
  await atMost(PATIENCE_MS, Promise.all([part.redis.ready, part.freshness.first]))

  addGauges(metrics, part)
  const checks = [
    { name: 'redis', critical: false, check: part.redis.check },
    { name: 'nats', critical: false, check: part.link.check },
    { name: 'revocations', critical: false, check: checkOf(part.freshness) },
  ]
  const { HOST: host, PORT: port, OPS_PORT: opsPort } = config
  const ops = await startOps({ port: opsPort, host, checks, metrics, isStopping: () => stopping })
  stack.push(ops.close)
  // A missing Host is refused by our own check, which answers a problem document.
  const server = await listen(app, {
    port,
    host,
    // No shorter than a service may think.
    stalledMs: Math.max(30_000, config.UPSTREAM_TIMEOUT_MS + 5_000),
    server: { requireHostHeader: false },
  })
  answerUnreadable(server.server, protectiveHeaders(modeOf(config)))
  stack.push(server.close)
  const beginStop = () => ((stopping = true), server.retire())
  return { url: server.url, opsUrl: ops.url, beginStop, stop: stack.stop }
}

type OpenParts = ReturnType<typeof openParts>

/** What has to be closed again, and what is read from it. */
function openParts(config: Config, logger: Logger, stack: Stack) {
  const tokenLifeMs = config.ACCESS_TOKEN_SECONDS * 1000
  const link = openBus(config, 'gateway', logger)
  stack.push(link.stop)
  const clock = createHouseClock(logger)
  const nonces = createNonceMemory(config.REDIS_PREFIX, clock.now)
  const redis = openRedis({
    url: config.REDIS_URL,
    timeoutMs: config.REDIS_TIMEOUT_MS,
    logger,
    arrive: nonces.arrive,
  })
  stack.push(redis.stop)
  const denied = createDenySet(tokenLifeMs)
  const freshness = openRevocations(config, { link, denied, tokenLifeMs, clock, logger }, stack)
  const accessLog = startAccessLog({
    link,
    logger,
    now: clock.now,
    dir: config.ACCESS_SPOOL_DIR,
    bytesMax: config.ACCESS_SPOOL_BYTES_MAX,
  })
  stack.push(accessLog.stop)
  const upstreams = openUpstreams(config)
  stack.push(() => Object.values(upstreams).forEach((upstream) => upstream.stop()))
  return { clock, link, nonces, redis, denied, freshness, accessLog, upstreams }
}

type Revocations = Omit<WatchOptions, 'freshness' | 'clock'> & { clock: HouseClock }

/** Revocations come by the bus at once, and by asking the auth service itself every second, which tells the time too. */
function openRevocations(config: Config, options: Revocations, stack: Stack): Freshness {
  const staleMs = config.REVOCATION_STALE_SECONDS * 1000
  const freshness = createFreshness(staleMs)
  stack.push(watchRevocations({ ...options, freshness }).stop)
  const everyMs = Math.min(1_000, staleMs / 2)
  stack.push(pollRevocations({ ...options, freshness, url: config.REVOCATIONS_URL, everyMs }).stop)
  return freshness
}

const checkOf = (freshness: Freshness) => () =>
  freshness.isCurrent() ? Promise.resolve() : Promise.reject(new Error('Revocations are not known'))

function chainOf(config: Config, part: OpenParts, metrics: RequestMetrics, logger: Logger): Parts {
  const { production } = modeOf(config)
  const limits = rateLimits(createAdmission(part.redis, part.nonces, config.REDIS_PREFIX), {
    address: config.RATE_LIMIT_ADDRESS,
    user: config.RATE_LIMIT_USER,
    family: config.RATE_LIMIT_FAMILY,
    signUp: config.RATE_LIMIT_SIGN_UP,
    bind: config.RATE_LIMIT_BIND,
  })
  const ages = {
    ageOfChanges: config.SIGNATURE_AGE_CHANGES_SECONDS,
    ageOfReads: config.SIGNATURE_AGE_READS_SECONDS,
    now: part.clock.now,
  }
  return {
    observe: (req, res, next) => {
      metrics.observe(req, res)
      logAnswer(req, res, logger, stateOf(res).context)
      next()
    },
    context: context(config.TRUSTED_PROXIES),
    recordAccess: part.accessLog.record,
    acceptAccess: part.accessLog.accept,
    securityHeaders: securityHeaders(protectiveHeaders({ production })),
    cors: cors(config.CORS_ORIGINS),
    findRoute: findRoute(),
    limitAddress: limits.byAddress,
    pages: Router().use(apiPages(config.OPENAPI_FILE, logger), webPages(config.WEB_ROOT)),
    authenticate: authenticate(
      createTokenVerifier(remoteKeys(config.JWKS_URL), config, part.clock.now),
      part,
    ),
    limitCaller: limits.byCaller,
    readBody: readBody(config.BODY_MAX_BYTES),
    verifySignature: verifySignature({
      findSessionKey: createSessionKeys(config.SIGNATURE_MASTER_SECRETS),
      botKey: createSecretKey(config.BOT_CLIENT_SECRET, 'base64url'),
      all: config.SIGNATURE_POLICY === 'all',
      ...ages,
      ahead: config.SIGNATURE_AHEAD_SECONDS,
      explain: !production,
    }),
    guardReplay: guardReplay(limits.admit, ages),
    forward: forwardToOwner(part.upstreams, createHealth(probesOf(config, part))),
    countRefused: limits.countRefused,
    logger,
  }
}

const modeOf = (config: Config) => ({ production: config.NODE_ENV === 'production' })

const probesOf = (config: Config, { link, redis }: OpenParts) => [
  serviceProbe('auth', config.AUTH_URL, config.AUTH_OPS_URL),
  serviceProbe('ledger', config.LEDGER_URL, config.LEDGER_OPS_URL),
  serviceProbe('audit', config.AUDIT_URL, config.AUDIT_OPS_URL),
  { name: 'events', check: link.check },
  { name: 'replay_guard', check: redis.check },
]

function openUpstreams(config: Config): Record<Exclude<OwningService, 'gateway'>, Upstream> {
  const open = (name: string, target: string) =>
    createUpstream({ name, target, timeoutMs: config.UPSTREAM_TIMEOUT_MS })
  return {
    auth: open('auth', config.AUTH_URL),
    ledger: open('ledger', config.LEDGER_URL),
    audit: open('audit', config.AUDIT_URL),
  }
}

function addGauges(
  { gauge, gauges, total }: RequestMetrics,
  { accessLog, denied, freshness, upstreams }: OpenParts,
): void {
  gauge('gateway_access_lines_waiting', 'Access lines that the bus has not taken yet', accessLog.waiting)
  total('gateway_access_lines_dropped_total', 'Access lines lost for want of room', accessLog.dropped)
  gauge('gateway_access_lines_in_memory', 'Access lines that cannot be written to disk', accessLog.inMemory)
  gauge('gateway_access_records_unreadable', 'Damaged records of earlier processes', accessLog.unreadable)
  gauge('gateway_access_spool_bytes', 'Access lines on disk, of earlier processes too', accessLog.bytes)
  gauge('gateway_denied', 'Sessions and memberships whose tokens are refused', denied.size)
  gauge('gateway_revocations_age_seconds', 'Since all revocations were last known to be known', freshness.age)
  gauges('gateway_breaker_open', '1 while calls to the service are refused at once', 'upstream', () =>
    Object.fromEntries(Object.entries(upstreams).map(([name, { isOpen }]) => [name, Number(isOpen())])),
  )
}

async function atMost(milliseconds: number, work: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<void>((resolve) => (timer = setTimeout(resolve, milliseconds)))
  await Promise.race([work, late]).finally(() => clearTimeout(timer))
}
