import { mkdirSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { runCommand, tailOf } from '../launcher/run-command.ts'

export interface PackageVersion {
  name: string
  version: string
}

/** Lists older than this are fetched again: mirrors drop superseded packages. */
const FRESH_MS = 12 * 3_600_000

/**
 * What a server does not need to run: parts of the base system, which must not be mixed with the installed ones,
 * the compiler that jit=off leaves out, and what only an installation uses.
 */
const NOT_NEEDED =
  /^(libc6|libc-bin|libgcc-s1|gcc-\d+-base|libstdc\+\+6|libllvm.*|libz3-.*|perl.*|libperl.*|.*-perl|ssl-cert|openssl|adduser|passwd|ucf|debconf|sensible-utils|lsb-base|sysvinit-utils|logrotate|cron|netbase|locales|postgresql|postgresql-common.*|postgresql-client-common|sysstat|dpkg|tar|init-system-helpers)$/

/** apt with lists and cache in a folder of our own, so that no root is needed and the system's stay as they are. */
export function createApt(home: string, signal: AbortSignal) {
  const state = join(home, 'state')
  const own = options({
    'Dir::State': state,
    'Dir::State::status': '/var/lib/dpkg/status',
    'Dir::Cache': join(home, 'cache'),
    'Debug::NoLocking': '1',
    'APT::Sandbox::User': process.getuid?.() === 0 ? 'root' : '_apt',
    'APT::Install-Recommends': '0',
    'Acquire::Retries': '2',
    'Acquire::http::Timeout': '20',
  })
  const run = (args: string[], cwd = home) =>
    runCommand('apt-get', [...own, ...args], {
      cwd,
      signal,
      withinMs: 300_000,
      env: { ...process.env, LC_ALL: 'C' },
    })

  const update = async () => {
    const stamp = join(home, 'updated')
    if (ageOf(stamp) < FRESH_MS) return
    for (const folder of [join(state, 'lists/partial'), join(home, 'cache/archives/partial')])
      mkdirSync(folder, { recursive: true })
    const { ok, output } = await run(['update', '-q'])
    // One list of several may be out of reach and not be needed; resolving shows it.
    if (ok) touch(stamp)
    else if (!output.includes('Packages')) throw new Error(`apt-get update failed: ${complaintIn(output)}`)
  }

  return {
    /** The package and what it depends on, as far as it is not on the system in that version. */
    async resolve(name: string): Promise<PackageVersion[]> {
      await update()
      const { ok, output, stdout } = await run(['install', '--simulate', '--reinstall', name])
      if (!ok) throw new Error(`apt cannot resolve ${name}: ${complaintIn(output)}`)
      return parseSimulation(stdout).filter((found) => !NOT_NEEDED.test(found.name))
    },
    /** Puts the archives, whose signatures and sums apt checks, into the folder. */
    async download(packages: readonly PackageVersion[], folder: string): Promise<void> {
      const { ok, output } = await run(
        ['download', ...packages.map((one) => `${one.name}=${one.version}`)],
        folder,
      )
      if (!ok) throw new Error(`apt-get download failed: ${complaintIn(output)}`)
    },
  }
}

const options = (values: Record<string, string>) =>
  Object.entries(values).flatMap(([name, value]) => ['-o', `${name}=${value}`])

/** The packages in what `apt-get --simulate install` prints: `Inst NAME [OLD] (NEW ARCHIVE …)`. */
export function parseSimulation(text: string): PackageVersion[] {
  return text.split('\n').flatMap((line) => {
    const [, name, version] = line.match(/^Inst (\S+) (?:\[[^\]]*\] )?\((\S+) /) ?? []
    return name !== undefined && version !== undefined ? [{ name, version }] : []
  })
}

/** What apt complains of stands on lines that begin with E: or W:. */
export function complaintIn(output: string): string {
  const line = output.split('\n').find((one) => one.startsWith('E:')) ?? tailOf(output, 1)
  return line.replace(/^[EW]:\s*/, '')
}

function ageOf(path: string): number {
  try {
    return Date.now() - statSync(path).mtimeMs
  } catch {
    return Infinity
  }
}

function touch(path: string): void {
  writeFileSync(path, '')
  utimesSync(path, new Date(), new Date())
}
