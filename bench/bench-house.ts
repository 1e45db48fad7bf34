import { existsSync, globSync, readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { ApiError, createClient } from '../libs/client/src/index.ts'
import type { Session } from '../libs/contracts/src/index.ts'
import { findFreePort } from '../tools/launcher/free-port.ts'
import type { House } from '../tools/launcher/house.ts'
import { listenForStop } from '../tools/launcher/stop-signals.ts'
import { findServer } from '../tools/servers/find-server.ts'
import { findInstalled } from '../tools/servers/programs.ts'
import { decideSources, type ServerKind, serverKinds } from '../tools/servers/sources.ts'
import { type ServiceName, services } from '../tools/services.ts'
import { chooseServicePorts, startServices } from '../tools/start/start-services.ts'
import { prepareDatabases } from '../tools/start/databases.ts'
import { openTestHouse } from '../tools/test/test-house.ts'
import { cpuMsOfTree } from './processes.ts'

/** The whole system as processes of its own, on servers that write to the disk as in use. */
export interface BenchHouse {
  gatewayUrl: string
  opsUrl(service: ServiceName): string
  /** PostgreSQL as its superuser, in the system's database. */
  adminUrl: string
  natsUrl: string
  redisUrl: string
  /** PostgreSQL's own program for measuring. */
  pgbench: string
  /** Milliseconds of processor time that each process, with its children, has used so far. */
  used(): Record<string, number>
  stop(): Promise<void>
}

/** High enough that nothing is refused; what is measured is the work, not the limits. */
const limits = {
  RATE_LIMIT_ADDRESS: '10000000/60',
  RATE_LIMIT_USER: '10000000/60',
  RATE_LIMIT_FAMILY: '10000000/60',
  RATE_LIMIT_SIGN_UP: '1000/60',
  LOG_LEVEL: 'warn',
}

/** A folder of its own for one bench, with servers that write to the disk as in use. */
export async function openServers<Kind extends ServerKind>(
  kinds: readonly Kind[],
  env: NodeJS.ProcessEnv = {},
): Promise<{ house: House; urls: Record<Kind, string>; stop(): Promise<void> }> {
  const all = { ...process.env, ...limits, ...env }
  const opened = await openTestHouse(all, listenForStop())
  const house = { ...opened.house, mode: 'start' as const, env: all }
  const stop = async () => {
    await house.opened.stop((error) => console.error(error))
    opened.remove()
  }
  try {
    const urls = {} as Record<Kind, string>
    for (const kind of kinds) {
      const search = { house, inContainer: () => Promise.reject(new Error('A bench runs programs')) }
      urls[kind] = (
        await findServer(kind, decideSources(kind, { url: undefined, docker: false }), search)
      ).url
    }
    return { house, urls, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

export async function startBenchHouse(
  wanted: ServiceName[],
  env: NodeJS.ProcessEnv = {},
): Promise<BenchHouse> {
  const { house, urls, stop } = await openServers(serverKinds, env)
  try {
    const databaseUrls = await prepareDatabases(urls.postgres, house)
    const port = await findFreePort()
    const ports = await chooseServicePorts(port)
    const { dataDir, secrets } = house
    const context = {
      dataDir,
      port,
      ports,
      databaseUrls,
      redisUrl: urls.redis,
      natsUrl: urls.nats,
      secrets,
      env: house.env,
    }
    await startServices(
      services(context).filter(({ name }) => wanted.includes(name)),
      house,
    )
    return {
      gatewayUrl: `http://127.0.0.1:${port}`,
      opsUrl: (service) => `http://127.0.0.1:${ports[service].opsPort}`,
      natsUrl: urls.nats,
      redisUrl: urls.redis,
      used: () => usedBy(house.runDir),
      adminUrl: inDatabase(urls.postgres, new URL(databaseUrls.ledger).pathname),
      pgbench: await findPgbench(),
      stop,
    }
  } catch (error) {
    await stop()
    throw error
  }
}

/** By the notes that `supervise` keeps of what it started. */
const usedBy = (runDir: string): Record<string, number> =>
  Object.fromEntries(
    globSync(join(runDir, '*.pid.json')).map((path) => [
      basename(path, '.pid.json'),
      cpuMsOfTree((JSON.parse(readFileSync(path, 'utf8')) as { pid: number }).pid),
    ]),
  )

function inDatabase(url: string, pathname: string): string {
  return Object.assign(new URL(url), { pathname }).href
}

async function findPgbench(): Promise<string> {
  const program = await findInstalled('postgres')
  const folders = [
    ...(program ? [dirname(program.path)] : []),
    ...globSync('/usr/lib/postgresql/*/bin'),
    ...(process.env['PATH'] ?? '').split(':'),
  ]
  const found = folders.map((folder) => join(folder, 'pgbench')).find((path) => existsSync(path))
  if (!found) throw new Error('pgbench is the yardstick: install PostgreSQL with its programs')
  return found
}

const TRIES_MAX = 10

/** Registers an owner with a family of their own; a machine that is still busy with the start gets some time. */
export async function givenOwner(house: BenchHouse, name: string, tries = 1): Promise<Session> {
  const body = {
    email: `${name}-${tries}@bench.example.org`,
    password: 'correct horse battery staple',
    display_name: name,
    family_name: `Family of ${name}`,
  }
  try {
    return await createClient({ baseUrl: house.gatewayUrl }).call('register', { body })
  } catch (error) {
    if (tries === TRIES_MAX || !(error instanceof ApiError && error.problem.status === 503)) throw error
    await sleep(1_000)
    return await givenOwner(house, name, tries + 1)
  }
}

/** The API as this person. */
export const clientOf = (house: BenchHouse, session: Session) =>
  createClient({
    baseUrl: house.gatewayUrl,
    credentials: () => ({ accessToken: session.access_token, signingKey: session.signing_key }),
  })
