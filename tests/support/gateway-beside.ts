import { createLogger } from '../../libs/kit/src/logger.ts'
import { createStopStack } from '../../libs/kit/src/stop-stack.ts'
import { startTcpProxy, type TcpProxy } from '../../services/gateway/test/support/tcp-proxy.ts'
import type { House } from './house.ts'
import { watchAnswers } from './watch-answers.ts'

/** A gateway in front of a house's services that can be cut off from the bus and from the auth service's internal port. */
export interface GatewayBeside {
  url: string
  opsUrl: string
  bus: TcpProxy
  internal: TcpProxy
  /** The same house, seen through this gateway. */
  house: House
  stop(): Promise<void>
}

const proxyTo = (url: URL) => startTcpProxy({ host: url.hostname, port: Number(url.port) })

/** The same address, login and all, by way of the proxy. */
export function through(url: URL, proxy: TcpProxy): string {
  const changed = new URL(url)
  changed.hostname = '127.0.0.1'
  changed.port = String(proxy.port)
  return changed.href
}

export async function startGatewayBeside(
  house: House,
  cut: { bus?: boolean; internal?: boolean } = {},
): Promise<GatewayBeside> {
  const [{ loadConfig }, { startGateway }] = await Promise.all([
    import('../../services/gateway/src/config.ts'),
    import('../../services/gateway/src/start.ts'),
  ])
  const stack = createStopStack()
  const nats = new URL(house.env['NATS_URL']!)
  const revocations = new URL('/revocations', house.opsUrls.auth)
  const bus = await proxyTo(nats)
  stack.push(bus.stop)
  const internal = await proxyTo(revocations)
  stack.push(internal.stop)
  if (cut.bus) bus.cut()
  if (cut.internal) internal.cut()
  const env = {
    ...house.env,
    NATS_URL: through(nats, bus),
    REVOCATIONS_URL: through(revocations, internal),
    JWKS_URL: `${house.urls.auth}/.well-known/jwks.json`,
    AUTH_URL: house.urls.auth,
    LEDGER_URL: house.urls.ledger ?? 'http://127.0.0.1:9',
    AUDIT_URL: house.urls.audit ?? 'http://127.0.0.1:9',
  }
  const gateway = await startGateway(loadConfig(env), createLogger('gateway', house.env['LOG_LEVEL']!))
  stack.push(gateway.stop)
  const { url, opsUrl } = gateway
  watchAnswers(url, true)
  return {
    url,
    opsUrl,
    bus,
    internal,
    house: {
      ...house,
      urls: { ...house.urls, gateway: url },
      opsUrls: { ...house.opsUrls, gateway: opsUrl },
    },
    stop: stack.stop,
  }
}
