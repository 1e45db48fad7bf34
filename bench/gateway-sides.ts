import type { ChildProcess } from 'node:child_process'
import { generateKeyPairSync, type KeyObject, randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { SignJWT } from 'jose'
import { VersionedSecrets } from '../libs/kit/src/config.ts'
import { newSessionKey } from '../libs/kit/src/signing-keys.ts'
import { findFreePort } from '../tools/launcher/free-port.ts'
import type { House } from '../tools/launcher/house.ts'
import { services } from '../tools/services.ts'
import { chooseServicePorts, startServices } from '../tools/start/start-services.ts'
import type { BareProxy } from './bare-proxy.ts'
import { startHaproxy } from './haproxy.ts'
import { forkBeside } from './processes.ts'
import type { Round } from './read-load.ts'
import type { TrivialService } from './trivial-service.ts'

/** One way to the same service: where it listens, who calls, and whose processor time it is. */
export interface Side {
  name: string
  url: string
  people: Round['people']
  /** Process ids by name, beside the service's. */
  processes: Record<string, number>
}

const PEOPLE = 50

/** The trivial service with the gateway, the bare proxy and HAProxy before it, each a process of its own. */
export async function startSides(
  house: House,
  urls: { redis: string; nats: string },
): Promise<{ sides: Side[]; service: number }> {
  const token = generateKeyPairSync('ed25519')
  const haproxyToken = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const jwk = { ...token.publicKey.export({ format: 'jwk' }), kid: 'bench', alg: 'EdDSA', use: 'sig' }
  const fork = async (name: string, message: object) => {
    const { child, said } = await forkBeside(name, message)
    house.opened.push(() => end(child))
    return { url: said as string, pid: child.pid! }
  }
  const service = await fork('trivial-service.ts', { jwks: { keys: [jwk] } } satisfies TrivialService)
  const gatewayUrl = await startGateway(house, urls, service.url)
  const bare = await fork('bare-proxy.ts', { target: service.url } satisfies BareProxy)
  const haproxy = await startHaproxy(house, { target: service.url, tokenKey: haproxyToken.publicKey })
  const people = await givenPeople(house, token.privateKey, 'EdDSA')
  return {
    service: service.pid,
    sides: [
      {
        name: 'the gateway',
        url: gatewayUrl,
        people,
        processes: { gateway: pidOf(house, 'gateway'), redis: pidOf(house, 'redis') },
      },
      { name: 'bare http-proxy-middleware', url: bare.url, people, processes: { proxy: bare.pid } },
      {
        name: `HAProxy ${haproxy.version}`,
        url: haproxy.url,
        people: await givenPeople(house, haproxyToken.privateKey, 'ES256'),
        processes: { haproxy: pidOf(house, 'haproxy') },
      },
    ],
  }
}

const end = (child: ChildProcess) => child.disconnect()

async function startGateway(
  house: House,
  urls: { redis: string; nats: string },
  serviceUrl: string,
): Promise<string> {
  const port = await findFreePort()
  const ports = await chooseServicePorts(port)
  const { dataDir, secrets, env } = house
  const none = { auth: '', ledger: '', audit: '' }
  const [spec] = services({
    dataDir,
    port,
    ports,
    databaseUrls: none,
    redisUrl: urls.redis,
    natsUrl: urls.nats,
    secrets,
    env,
  }).filter(({ name }) => name === 'gateway')
  const behind = {
    JWKS_URL: `${serviceUrl}/jwks.json`,
    REVOCATIONS_URL: `${serviceUrl}/revocations`,
    AUTH_URL: serviceUrl,
    LEDGER_URL: serviceUrl,
    AUDIT_URL: serviceUrl,
  }
  await startServices([{ ...spec!, env: { ...spec!.env, ...behind, ...profiling(env) } }], house)
  return `http://127.0.0.1:${port}`
}

/** With GATEWAY_PROFILE=FOLDER the gateway leaves a V8 profile of its whole life there. */
const profiling = ({ GATEWAY_PROFILE: folder }: NodeJS.ProcessEnv): NodeJS.ProcessEnv =>
  folder ? { NODE_OPTIONS: `--cpu-prof --cpu-prof-dir=${folder}` } : {}

/** As `supervise` noted it. */
const pidOf = (house: House, name: string): number =>
  (JSON.parse(readFileSync(join(house.runDir, `${name}.pid.json`), 'utf8')) as { pid: number }).pid

async function givenPeople(house: House, key: KeyObject, alg: string): Promise<Round['people']> {
  const masters = VersionedSecrets.parse(house.secrets.signatureMasterSecrets)
  return await Promise.all(
    Array.from({ length: PEOPLE }, async () => {
      const sessionId = randomUUID()
      const token = await new SignJWT({
        sid: sessionId,
        fam: randomUUID(),
        role: 'owner',
        mver: 1,
        client: 'api',
        jti: randomUUID(),
      })
        .setProtectedHeader({ alg, typ: 'at+jwt', kid: 'bench' })
        .setIssuer('common-purse')
        .setAudience('common-purse-api')
        .setSubject(randomUUID())
        .setIssuedAt()
        .setExpirationTime('15 min')
        .sign(key)
      const { key_id: keyId, secret } = newSessionKey(masters, sessionId)
      return { token, keyId, secret }
    }),
  )
}
