import { accessSync, constants, statSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { failure } from '../launcher/failure.ts'
import type { House } from '../launcher/house.ts'
import { runCommand, tailOf } from '../launcher/run-command.ts'
import { sayWhileWaiting } from '../launcher/say.ts'
import { hasDebianPackages } from '../servers/debian-packages.ts'
import { selectedProjects } from './projects.ts'

/** What the examples and the commands of the documents are run with. */
const EXAMPLE_PROGRAMS = ['bash', 'curl', 'jq', 'openssl', 'python3']
const BROWSERS = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']
const MAC_BROWSER = '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome'

/** Finds, or on Debian as root installs, the programs that the chosen projects want; answers variables for their tests. */
export async function findPrograms(args: readonly string[], house: House): Promise<Record<string, string>> {
  const chosen = selectedProjects(args)
  if (chosen.includes('examples')) await requirePrograms(EXAMPLE_PROGRAMS, house)
  return chosen.includes('browser') ? { TEST_CHROMIUM_PATH: await requireChromium(house) } : {}
}

async function requirePrograms(names: readonly string[], house: House): Promise<void> {
  const isMissing = (name: string) => findOnPath(name, house) === undefined
  const missing = names.filter(isMissing)
  if (missing.length === 0) return
  const tried = await install(missing, house)
  const still = missing.filter(isMissing)
  if (still.length > 0)
    throw failure(
      `The examples need ${still.join(', ')}, which this machine does not have.`,
      'Install them with its package manager, and run this again.',
      tried,
    )
}

async function requireChromium(house: House): Promise<string> {
  const named = house.env['CHROMIUM_PATH']
  const find = () =>
    findRunning(named ? [named] : [...BROWSERS.map((name) => findOnPath(name, house)), MAC_BROWSER])
  const found = await find()
  if (found !== undefined) return found
  const tried = named ? '' : await install(['chromium'], house)
  const installed = named ? undefined : await find()
  if (installed !== undefined) return installed
  throw failure(
    named
      ? `CHROMIUM_PATH names ${named}, which does not run.`
      : 'The browser tests need Chromium or Google Chrome.',
    'Install one of them (Debian: apt-get install chromium) or name it in CHROMIUM_PATH, and run this again.',
    tried,
  )
}

/** A program may be there and not run: its libraries are missing, or it only stands for a package that is not installed. */
async function findRunning(paths: readonly (string | undefined)[]): Promise<string | undefined> {
  for (const path of paths) {
    if (path === undefined || !isProgram(path)) continue
    if ((await runCommand(path, ['--version'], { withinMs: 30_000 })).ok) return path
  }
  return undefined
}

const findOnPath = (name: string, house: House) =>
  (house.env['PATH'] ?? '')
    .split(delimiter)
    .filter((folder) => folder.startsWith('/'))
    .map((folder) => join(folder, name))
    .find(isProgram)

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return statSync(path).isFile()
  } catch {
    return false
  }
}

/** Installs Debian's packages where that can be done; answers what went wrong. */
async function install(names: readonly string[], house: House): Promise<string> {
  if (!hasDebianPackages() || process.getuid?.() !== 0) return ''
  house.say(`installing ${names.join(', ')} on the system (apt-get install)`)
  const quiet = sayWhileWaiting(`installing ${names.join(', ')}`)
  const env = { ...house.env, DEBIAN_FRONTEND: 'noninteractive' }
  const run = (...args: string[]) =>
    runCommand('apt-get', ['-o', 'DPkg::Lock::Timeout=120', ...args], {
      env,
      signal: house.signal,
      withinMs: 600_000,
    })
  try {
    // One list of several may be out of reach and not be needed; installing shows it.
    await run('update', '-q')
    const { ok, output } = await run('install', '--yes', '--no-install-recommends', ...names)
    return ok ? '' : `apt-get install ${names.join(' ')} failed:\n${tailOf(output, 5)}`
  } finally {
    quiet()
  }
}
