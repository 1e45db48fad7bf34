import { mkdirSync, realpathSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import pg from 'pg'
import { failure } from '../../tools/launcher/failure.ts'
import { findFreePort } from '../../tools/launcher/free-port.ts'
import type { House } from '../../tools/launcher/house.ts'
import { runCommand, tailOf } from '../../tools/launcher/run-command.ts'
import { supervise } from '../../tools/launcher/supervise.ts'
import { waitUntil } from '../../tools/launcher/wait-until.ts'
import { findUnpacked } from '../../tools/servers/debian-packages.ts'
import { findRunAs, giveTo, removeOutside } from '../../tools/servers/place.ts'
import { postgresRecipe } from '../../tools/servers/postgres.ts'
import { findInstalled } from '../../tools/servers/programs.ts'
import type { Program, Recipe } from '../../tools/servers/types.ts'
import { startTcpProxy, type TcpProxy, throughProxy } from './tcp-proxy.ts'

/** One of the two servers; which of them is the primary changes. */
interface Member {
  /** Of its process, and by which the other knows it as its standby. */
  name: string
  port: number
  recipe: Recipe
  stop(): Promise<void>
}

/** A primary, and a standby that has every commit before it is answered. */
export interface PostgresPair {
  /** Leads to the primary, as the one address of a production system would. */
  url: string
  proxy: TcpProxy
  primary(): Pick<Member, 'name' | 'recipe'>
  /** Makes the standby the primary; where the proxy leads is the caller's to change. */
  promote(): Promise<number>
  /** Throws away what the old primary has, and makes it the standby of the new one. */
  rebuild(): Promise<void>
}

const PATIENCE_MS = 60_000

/** Starts both, until the house is stopped. */
export async function startPostgresPair(house: House): Promise<PostgresPair> {
  const program = (await findInstalled('postgres')) ?? (await findUnpacked('postgres', house))
  if (!program) throw new Error('There is no program postgres')
  let primary = await createMember('postgres-a', program, house)
  let other = await createMember('postgres-b', program, house)
  await primary.recipe.prepare()
  await start(primary, house)
  await follow(other, primary, program, house)
  const proxy = await startTcpProxy([primary.port], house)
  return {
    url: throughProxy(primary.recipe.url, proxy),
    proxy,
    primary: () => primary,
    promote: async () => {
      const [promoted] = await ask<{ ok: boolean }>(other, 'SELECT pg_promote(true, 60) AS ok')
      if (promoted?.ok !== true) throw new Error(`${other.name} did not become the primary`)
      ;[primary, other] = [other, primary]
      return primary.port
    },
    rebuild: async () => {
      await other.stop()
      await follow(other, primary, program, house)
    },
  }
}

async function createMember(name: string, program: Program, house: House): Promise<Member> {
  const port = await findFreePort()
  const dataDir = join(house.dataDir, name)
  const own = { ...house, dataDir, secrets: { ...house.secrets, id: `${house.secrets.id}-${name}` } }
  const recipe = postgresRecipe(program, port, own)
  const member: Member = { name, port, recipe, stop: () => Promise.resolve() }
  house.opened.push(() => removeOutside(dataDir))
  house.opened.push(() => member.stop())
  return member
}

async function start(member: Member, house: House): Promise<void> {
  const { name, recipe } = member
  const logFile = join(house.dataDir, 'logs', `${name}.log`)
  const { stop } = await supervise({ ...recipe.process, name, logFile, readyWithinMs: PATIENCE_MS }, house)
  member.stop = stop
}

/** Copies the primary's data, starts from them as its standby, and lets the primary wait for it from then on. */
async function follow(member: Member, primary: Member, program: Program, house: House): Promise<void> {
  const { cwd: home, env, uid, gid } = member.recipe.process
  const data = join(home, 'data')
  rmSync(data, { recursive: true, force: true })
  mkdirSync(home, { recursive: true, mode: 0o700 })
  giveTo(home, findRunAs())
  const { ok, output } = await runCommand(
    join(dirname(realpathSync(program.path)), 'pg_basebackup'),
    ['--pgdata', data, '--write-recovery-conf', '--checkpoint=fast', '--dbname', addressOf(primary, member)],
    {
      cwd: home,
      env: { ...env, PGPASSWORD: house.secrets.postgresPassword },
      signal: house.signal,
      ...(uid === undefined ? {} : { uid }),
      ...(gid === undefined ? {} : { gid }),
    },
  )
  if (!ok) throw failure('pg_basebackup failed:', tailOf(output))
  await start(member, house)
  await ask(primary, `ALTER SYSTEM SET synchronous_standby_names = '"${member.name}"'`)
  await ask(primary, 'SELECT pg_reload_conf()')
  const state = `SELECT FROM pg_stat_replication WHERE application_name = '${member.name}' AND sync_state = 'sync'`
  const isSync = async () => (await ask(primary, state)).length === 1
  if (!(await waitUntil(isSync, { withinMs: PATIENCE_MS, signal: house.signal })))
    throw new Error(`${member.name} does not follow ${primary.name}`)
}

const addressOf = ({ port }: Member, { name }: Member) =>
  `postgresql://postgres@127.0.0.1:${port}/postgres?application_name=${name}`

/** As the superuser, past the proxy. */
export async function ask<Row extends pg.QueryResultRow>(
  { recipe }: Pick<Member, 'recipe'>,
  text: string,
  withinMs = PATIENCE_MS + 5_000,
): Promise<Row[]> {
  const sql = new pg.Client({
    connectionString: recipe.url,
    connectionTimeoutMillis: 5_000,
    query_timeout: withinMs,
  })
  sql.on('error', () => undefined)
  await sql.connect()
  try {
    return (await sql.query<Row>(text)).rows
  } finally {
    sql.connection.stream.destroy() // it may still wait for an answer
  }
}
