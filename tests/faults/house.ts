import { cpSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import pg from 'pg'
import { findFreePort } from '../../tools/launcher/free-port.ts'
import type { House } from '../../tools/launcher/house.ts'
import type { StopSignals } from '../../tools/launcher/stop-signals.ts'
import { supervise } from '../../tools/launcher/supervise.ts'
import { startTogether } from '../../tools/launcher/start-together.ts'
import { findServer } from '../../tools/servers/find-server.ts'
import { decideSources, type ServerKind, serverKinds } from '../../tools/servers/sources.ts'
import { type ServiceContext, type ServiceName, services, type ServiceSpec } from '../../tools/services.ts'
import { prepareDatabases } from '../../tools/start/databases.ts'
import { chooseServicePorts, processOf } from '../../tools/start/start-services.ts'
import { startTelegram } from '../../tools/start/telegram.ts'
import { openTestHouse } from '../../tools/test/test-house.ts'

export type ProcessName = ServiceName | ServerKind

export interface ServerUrls {
  postgres: string
  redis: string
  nats: string
}

/** The whole system as `npm start` runs it, on servers, a folder and ports of its own. */
export interface FaultHouse {
  launcher: House
  /** The gateway's. */
  port: number
  context: ServiceContext
  servers: ServerUrls
  /** PostgreSQL's superuser in the system's database. */
  adminUrl: string
  chatUrl: string
  /** The number of the process that has this name now; undefined between two lives. */
  pidOf(name: ProcessName): number | undefined
  /** Opens a connection of the superuser for as long as `work` runs. */
  withSql<Result>(work: (sql: pg.Client) => Promise<Result>): Promise<Result>
  /** Keeps the logs, and this, where they can be read afterwards; answers where. */
  keepLogs(name: string, seen: unknown): string
  stop(): Promise<void>
}

export interface HouseOptions {
  stop: StopSignals
  env?: NodeJS.ProcessEnv
  /** Called when there is nothing yet but the folders. */
  prepare?: (house: House) => void
  /** Brings up PostgreSQL in another way than a launcher would, and answers the superuser's URL. */
  startPostgres?: (house: House) => Promise<string>
  /** Changes where the services find the servers, for instance to a proxy before one of them. */
  through?: (urls: ServerUrls, house: House) => Promise<ServerUrls>
  /** Runs other processes of the services than one of each. */
  arrange?: (specs: ServiceSpec[], context: ServiceContext, house: House) => Promise<ServiceSpec[]>
}

/** Nobody is refused for being one of many; tokens outlive the run. */
const settings = {
  RATE_LIMIT_ADDRESS: '10000000/60',
  RATE_LIMIT_USER: '10000000/60',
  RATE_LIMIT_FAMILY: '10000000/60',
  RATE_LIMIT_SIGN_UP: '10000/60',
  RATE_LIMIT_BIND: '10000/60',
  ACCESS_TOKEN_SECONDS: '14400',
  LOG_LEVEL: 'info',
}

/** Starts it; what was opened before an error is closed again. */
export async function startFaultHouse(options: HouseOptions): Promise<FaultHouse> {
  const env = { ...process.env, ...settings, ...options.env }
  const opened = await openTestHouse(env, options.stop)
  // As in use: PostgreSQL and NATS wait for the disk.
  const launcher = { ...opened.house, mode: 'start' as const }
  const stop = async () => {
    await launcher.opened.stop((error) => console.error(error))
    opened.remove()
  }
  try {
    return { ...(await openHouse(launcher, options)), stop }
  } catch (error) {
    await stop()
    throw error
  }
}

async function openHouse(launcher: House, options: HouseOptions): Promise<Omit<FaultHouse, 'stop'>> {
  const { dataDir, secrets, env } = launcher
  options.prepare?.(launcher)
  const servers = await findServers(launcher, options)
  const used = (await options.through?.(servers, launcher)) ?? servers
  const databaseUrls = await prepareDatabases(used.postgres, launcher)
  const telegram = (await startTelegram(launcher))!
  const port = await findFreePort()
  const context = {
    dataDir,
    port,
    ports: await chooseServicePorts(port),
    databaseUrls,
    redisUrl: used.redis,
    natsUrl: used.nats,
    secrets,
    env: { ...env, TELEGRAM_BOT_TOKEN: telegram.token, TELEGRAM_API_ROOT: telegram.apiRoot },
  }
  const specs = services(context)
  await startProcesses((await options.arrange?.(specs, context, launcher)) ?? specs, launcher)
  const adminUrl = Object.assign(new URL(servers.postgres), {
    pathname: new URL(databaseUrls.ledger).pathname,
  }).href
  return {
    launcher,
    port,
    context,
    servers,
    adminUrl,
    chatUrl: telegram.chatUrl!,
    pidOf: (name) => pidOf(launcher, name),
    withSql: (work) => withSql(adminUrl, work),
    keepLogs: (name, seen) => keepLogs(launcher, name, seen),
  }
}

/** Each from a program of this machine or of the distribution: a server in a container could not be killed from here. */
async function findServers(house: House, { startPostgres }: HouseOptions): Promise<ServerUrls> {
  const search = { house, inContainer: () => Promise.reject(new Error('Not in a container')) }
  const own = startPostgres ? { postgres: await startPostgres(house) } : {}
  const kinds = serverKinds.filter((kind) => !(kind in own))
  const found = await startTogether(kinds, house.signal, (kind) =>
    findServer(kind, decideSources(kind, { url: undefined, docker: false }), search),
  )
  return { ...Object.fromEntries(found.map(({ kind, url }) => [kind, url])), ...own } as ServerUrls
}

/** Runs services under the launcher's own supervision; their lines go to their log files alone. */
export async function startProcesses(specs: readonly ServiceSpec[], house: House): Promise<void> {
  const stops: (() => Promise<void>)[] = []
  house.opened.push(async () => void (await Promise.all(stops.map((stop) => stop()))))
  await startTogether(specs, house.signal, async (spec, signal) => {
    const { formatLine: _, ...process } = processOf(spec, join(house.root, spec.entry), house)
    stops.push((await supervise(process, { ...house, signal })).stop)
  })
}

export function pidOf({ runDir }: Pick<House, 'runDir'>, name: string): number | undefined {
  try {
    return (JSON.parse(readFileSync(join(runDir, `${name}.pid.json`), 'utf8')) as { pid: number }).pid
  } catch {
    return undefined // being started or half written
  }
}

async function withSql<Result>(url: string, work: (sql: pg.Client) => Promise<Result>): Promise<Result> {
  const sql = new pg.Client({ connectionString: url })
  sql.on('error', () => undefined) // the query that it breaks says so
  await sql.connect()
  return await work(sql).finally(() => sql.end().catch(() => undefined))
}

function keepLogs({ dataDir }: House, name: string, seen: unknown): string {
  const kept = join(dataDir, '..', '..', 'faults', name)
  cpSync(join(dataDir, 'logs'), kept, { recursive: true })
  writeFileSync(join(kept, 'seen.json'), JSON.stringify(seen, undefined, 1))
  return kept
}
