import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { failure } from '../launcher/failure.ts'
import type { House } from '../launcher/house.ts'
import { processesIn } from '../launcher/process-identity.ts'
import { runCommand, tailOf } from '../launcher/run-command.ts'
import { endProcessesIn } from './end-processes-in.ts'
import { findRunAs, giveTo, reachablePlace } from './place.ts'
import { answers } from './probe.ts'
import { programNames } from './programs.ts'
import type { Program, Recipe } from './types.ts'

/** PostgreSQL with a database cluster of its own, on TCP of this machine alone and with passwords. */
export function postgresRecipe(program: Program, port: number, house: House): Recipe {
  const user = findRunAs()
  const home = join(reachablePlace(house.dataDir, house.secrets.id, house.say), 'postgres')
  const data = join(home, 'data')
  const url = `postgresql://postgres:${house.secrets.postgresPassword}@127.0.0.1:${port}/postgres`
  const identity = user ? { uid: user.uid, gid: user.gid } : {}
  const env = { ...program.env, PATH: process.env['PATH'], LC_ALL: 'C', TZ: process.env['TZ'] ?? 'UTC' }
  return {
    url,
    async prepare() {
      mkdirSync(home, { recursive: true, mode: 0o700 })
      giveTo(home, user)
      if (existsSync(join(data, 'PG_VERSION'))) requireSameMajor(data, program)
      else await createCluster(program, { home, data, env, ...identity }, house)
    },
    process: {
      command: program.path,
      args: ['-D', data, ...settings(port, house.mode)],
      env,
      cwd: home,
      ...identity,
      isReady: () => answers('postgres', url),
      // SIGINT ends sessions and closes properly, SIGQUIT leaves the rest to recovery.
      stopSteps: [
        { signal: 'SIGINT', waitMs: 20_000 },
        { signal: 'SIGQUIT', waitMs: 5_000 },
      ],
      cleanUp: () => endRemains(data),
    },
  }
}

function settings(port: number, mode: House['mode']): string[] {
  const values: Record<string, string | number> = {
    listen_addresses: '127.0.0.1',
    port,
    unix_socket_directories: '',
    max_connections: 300,
    jit: 'off',
    // Tests throw their data away: they need not wait for the disk.
    ...(mode === 'test' && { fsync: 'off', full_page_writes: 'off', synchronous_commit: 'off' }),
  }
  return Object.entries(values).flatMap(([name, value]) => ['-c', `${name}=${value}`])
}

interface Cluster {
  home: string
  data: string
  env: NodeJS.ProcessEnv
  uid?: number
  gid?: number
}

/** Made under another name and renamed at the end, so that an interrupted start does not leave half a cluster. */
async function createCluster(program: Program, cluster: Cluster, house: House): Promise<void> {
  const { home, data, ...identity } = cluster
  const unfinished = `${data}.unfinished`
  const passwordFile = join(home, 'password')
  rmSync(unfinished, { recursive: true, force: true })
  writeFileSync(passwordFile, house.secrets.postgresPassword, { mode: 0o600 })
  giveTo(passwordFile, findRunAs())
  const locale = process.platform === 'darwin' ? ['--lc-collate=C', '--lc-ctype=UTF-8'] : ['--locale=C.UTF-8']
  const args = ['-D', unfinished, '-U', 'postgres', '--encoding=UTF8', ...locale, '--auth=scram-sha-256']
  if (house.mode === 'test') args.push('--no-sync')
  const { ok, output } = await runCommand(
    join(dirname(program.path), 'initdb'),
    [...args, `--pwfile=${passwordFile}`],
    { ...identity, cwd: home, signal: house.signal },
  ).finally(() => rmSync(passwordFile, { force: true }))
  if (!ok) throw failure(`initdb could not make the database cluster in ${data}:`, tailOf(output))
  renameSync(unfinished, data)
}

function requireSameMajor(data: string, program: Program): void {
  const major = readFileSync(join(data, 'PG_VERSION'), 'utf8').trim()
  if (major === program.version.split('.')[0]) return
  throw failure(
    `The data in ${data} were made by PostgreSQL ${major}, and ${program.from} is version ${program.version}.`,
    `Install PostgreSQL ${major}, or begin anew with npm run reset.`,
  )
}

/**
 * After kill -9 its children may live on for a moment and keep the shared memory in use, and the lock file may
 * name a process number that somebody else has by now. Both would keep it from starting.
 */
async function endRemains(data: string): Promise<void> {
  if (process.platform !== 'linux') return // there it is tried again until they have gone
  await endProcessesIn(data, programNames.postgres)
  if (processesIn(data, programNames.postgres).length === 0)
    rmSync(join(data, 'postmaster.pid'), { force: true })
}
