import { createLogger } from '../../libs/kit/src/logger.ts'
import { createStopStack } from '../../libs/kit/src/stop-stack.ts'
import { rememberNonces } from './redis-memory.ts'
import { testEnvironment } from './settings.ts'
import { cloneDatabase, type TestDatabase } from './test-database.ts'
import { requireDocumented, watchAnswers } from './watch-answers.ts'

type Service = 'auth' | 'ledger' | 'audit' | 'gateway'
type Environment = Record<string, string>

export interface House {
  database: TestDatabase
  env: Environment
  /** Origins by service, for instance `urls.gateway`. */
  urls: Record<Service, string>
  opsUrls: Record<Service, string>
  stop(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

interface Started {
  url: string
  opsUrl: string
  stop(): Promise<void>
}

const starters: Record<Service, (env: Environment) => Promise<Started>> = {
  auth: async (env) => {
    const [{ loadConfig }, { startAuth }] = await Promise.all([
      import('../../services/auth/src/config.ts'),
      import('../../services/auth/src/start.ts'),
    ])
    return startAuth(loadConfig(env), createLogger('auth', env['LOG_LEVEL']!))
  },
  ledger: async (env) => {
    const [{ loadConfig }, { startLedger }] = await Promise.all([
      import('../../services/ledger/src/config.ts'),
      import('../../services/ledger/src/start.ts'),
    ])
    return startLedger(loadConfig(env), createLogger('ledger', env['LOG_LEVEL']!))
  },
  audit: async (env) => {
    const [{ loadConfig }, { startAudit }] = await Promise.all([
      import('../../services/audit/src/config.ts'),
      import('../../services/audit/src/start.ts'),
    ])
    return startAudit(loadConfig(env), createLogger('audit', env['LOG_LEVEL']!))
  },
  gateway: async (env) => {
    const [{ loadConfig }, { startGateway }] = await Promise.all([
      import('../../services/gateway/src/config.ts'),
      import('../../services/gateway/src/start.ts'),
    ])
    await rememberNonces(env)
    return startGateway(loadConfig(env), createLogger('gateway', env['LOG_LEVEL']!))
  },
}

const order: Service[] = ['auth', 'ledger', 'audit', 'gateway']

/**
 * Starts services in this process on real servers: own database copy, own corner of NATS and Redis, free ports. What they
 * answer is held against the document of the API.
 */
export async function startHouse(options: { services: Service[]; env?: Environment }): Promise<House> {
  const stack = createStopStack()
  stack.push(requireDocumented)
  const database = await cloneDatabase()
  stack.push(database.drop)
  const env: Environment = { ...testEnvironment(), ...options.env }
  const urls = {} as Record<Service, string>
  const opsUrls = {} as Record<Service, string>
  try {
    for (const service of order.filter((name) => options.services.includes(name))) {
      const own = service === 'gateway' ? {} : { DATABASE_URL: database.urlOf(service) }
      const started = await starters[service]({ ...upstreams(urls, opsUrls), ...env, ...own })
      stack.push(started.stop)
      urls[service] = started.url
      opsUrls[service] = started.opsUrl
      watchAnswers(started.url, service === 'gateway')
    }
  } catch (error) {
    await stack.stop()
    throw error
  }
  return { database, env, urls, opsUrls, stop: stack.stop, [Symbol.asyncDispose]: stack.stop }
}

/** Where the services find each other; one that was not started is a port where nobody listens. */
function upstreams(
  urls: Partial<Record<Service, string>>,
  opsUrls: Partial<Record<Service, string>>,
): Environment {
  const nobody = 'http://127.0.0.1:9'
  return {
    JWKS_URL: `${urls.auth ?? nobody}/.well-known/jwks.json`,
    REVOCATIONS_URL: `${opsUrls.auth ?? nobody}/revocations`,
    AUTH_URL: urls.auth ?? nobody,
    LEDGER_URL: urls.ledger ?? nobody,
    AUDIT_URL: urls.audit ?? nobody,
  }
}
