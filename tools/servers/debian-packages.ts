import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { holdLock } from '../bootstrap/hold-lock.mjs'
import type { House } from '../launcher/house.ts'
import { runCommand, tailOf } from '../launcher/run-command.ts'
import { sayWhileWaiting } from '../launcher/say.ts'
import { waitUntil } from '../launcher/wait-until.ts'
import { createApt } from './apt.ts'
import { findIn, findInstalled } from './programs.ts'
import { reachablePlace } from './place.ts'
import { type ServerKind, titles } from './sources.ts'
import type { Program } from './types.ts'

const packageNames: Record<ServerKind, string> = {
  postgres: 'postgresql',
  redis: 'redis-server',
  nats: 'nats-server',
}

/** What fetching packages needs to know of the house. */
export type PackagePlace = Pick<House, 'packagesDir' | 'say' | 'signal'>

/** Whether this is a system whose packages we know how to get and unpack. */
export const hasDebianPackages = () =>
  process.platform === 'linux' && existsSync('/etc/debian_version') && existsSync('/usr/bin/apt-get')

/** The distribution's own package, downloaded and unpacked into a folder: nothing is installed on the system. */
export async function findUnpacked(
  kind: ServerKind,
  house: PackagePlace,
  wantedMajor?: string,
): Promise<Program | undefined> {
  if (kind === 'postgres' && !existsSync('/usr/share/zoneinfo/UTC')) {
    throw new Error('the system has no time zones, which this PostgreSQL reads (package tzdata)')
  }
  const prefix = join(packagesHome(kind, house), kind)
  const kept = await findUnder(kind, prefix, wantedMajor)
  if (kept) return kept
  // One at a time: they share apt's lists, and another command may want the same package.
  const lock = await waitForLock(`${house.packagesDir}#apt`, house)
  try {
    const made = await findUnder(kind, prefix, wantedMajor)
    if (made) return made
    await unpack({ name: packageNames[kind], title: titles[kind] }, prefix, house)
    return await findUnder(kind, prefix, wantedMajor)
  } finally {
    lock.release()
  }
}

/** PostgreSQL's programs have to be where the user that it runs as gets at them. */
function packagesHome(kind: ServerKind, house: PackagePlace): string {
  if (kind !== 'postgres') return house.packagesDir
  const name = `packages-${createHash('sha256').update(house.packagesDir).digest('hex').slice(0, 8)}`
  return reachablePlace(house.packagesDir, name, house.say)
}

async function waitForLock(key: string, house: PackagePlace): Promise<{ release: () => void }> {
  const own = `process ${process.pid}`
  let lock = await holdLock(key, own)
  if (!lock.held && lock.info !== own)
    house.say(`another command is fetching packages (${lock.info}): waiting for it`)
  const isHeld = async () => lock.held || (lock = await holdLock(key, own)).held
  await waitUntil(isHeld, { withinMs: 600_000, everyMs: 100, signal: house.signal })
  if (!lock.held) throw new Error('another command has been fetching packages for ten minutes')
  return lock
}

/** Another program of the distribution, unpacked in the same way: where it lies, and what it needs to find its libraries. */
export async function findUnpackedProgram(
  wanted: { name: string; title: string; program: string },
  house: House,
): Promise<Pick<Program, 'path' | 'env'>> {
  const prefix = join(house.packagesDir, wanted.name)
  const path = join(prefix, wanted.program)
  const lock = await waitForLock(`${house.packagesDir}#apt`, house)
  try {
    if (!existsSync(path)) await unpack(wanted, prefix, house)
    return { path, env: librariesOf(prefix) }
  } finally {
    lock.release()
  }
}

async function unpack(
  { name, title }: { name: string; title: string },
  prefix: string,
  house: PackagePlace,
): Promise<void> {
  house.say(
    `fetching ${title} from the distribution's packages (${name}); nothing is installed on the system`,
  )
  const quiet = sayWhileWaiting(`fetching ${name}`)
  const archives = `${prefix}.archives`
  const unfinished = `${prefix}.unfinished`
  try {
    for (const folder of [unfinished, archives]) {
      rmSync(folder, { recursive: true, force: true })
      mkdirSync(folder, { recursive: true })
    }
    const apt = createApt(join(house.packagesDir, 'apt'), house.signal)
    await apt.download(await apt.resolve(name), archives)
    for (const file of readdirSync(archives)) {
      const { ok, output } = await runCommand('dpkg-deb', ['-x', join(archives, file), unfinished], {
        signal: house.signal,
      })
      if (!ok) throw new Error(`${file} could not be unpacked: ${tailOf(output, 2)}`)
    }
    rmSync(prefix, { recursive: true, force: true })
    renameSync(unfinished, prefix)
  } finally {
    quiet()
    rmSync(archives, { recursive: true, force: true })
  }
}

/** Installs the package on the system: only as root, and only where unpacking it did not do. */
export async function findSystemWide(
  kind: ServerKind,
  house: House,
  wantedMajor?: string,
): Promise<Program | undefined> {
  if (process.getuid?.() !== 0) throw new Error('installing it on the system needs root')
  const name = packageNames[kind]
  house.say(`installing ${name} on the system (apt-get install)`)
  // The run level keeps the package from starting a server of its own.
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' }
  const install = ['install', '--yes', '--no-install-recommends', name]
  for (const args of [['update', '-q'], install]) {
    const { ok, output } = await runCommand('apt-get', args, { env, signal: house.signal, withinMs: 300_000 })
    if (!ok && args === install) throw new Error(`apt-get install ${name} failed: ${tailOf(output, 2)}`)
  }
  return findInstalled(kind, wantedMajor)
}

async function findUnder(
  kind: ServerKind,
  prefix: string,
  wantedMajor?: string,
): Promise<Program | undefined> {
  const folders = [join(prefix, 'usr/bin'), join(prefix, 'usr/sbin'), ...postgresFolders(prefix)]
  return findIn(kind, folders, librariesOf(prefix), wantedMajor)
}

const librariesOf = (prefix: string) => ({
  LD_LIBRARY_PATH: ['usr/lib', 'lib'].flatMap((folder) => libraryFolders(join(prefix, folder))).join(':'),
})

function postgresFolders(prefix: string): string[] {
  const root = join(prefix, 'usr/lib/postgresql')
  return existsSync(root) ? readdirSync(root).map((version) => join(root, version, 'bin')) : []
}

/** `usr/lib/x86_64-linux-gnu` and its like. */
function libraryFolders(root: string): string[] {
  if (!existsSync(root)) return []
  return readdirSync(root).flatMap((name) => (name.includes('-linux-gnu') ? [join(root, name)] : []))
}
