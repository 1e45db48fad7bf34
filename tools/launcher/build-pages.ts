import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { holdLock } from '../bootstrap/hold-lock.mjs'
import { failure } from './failure.ts'
import type { House } from './house.ts'
import { runCommand, tailOf } from './run-command.ts'
import { waitUntil } from './wait-until.ts'

/** What the pages are made from. */
const SOURCES = ['services/web', 'libs/client/src', 'libs/contracts/src', 'package-lock.json']
const NOT_SOURCES = ['dist', 'node_modules', 'test']

/** Builds the web pages that the gateway serves, where they are missing or were built from other sources. */
export async function buildPages(house: House): Promise<void> {
  const { root, env, signal } = house
  if (env['WEB_ROOT']) return // others are served
  const folder = join(root, 'services', 'web')
  const stamp = join(root, 'node_modules', '.cache', 'common-purse-pages')
  const isBuilt = () => existsSync(join(folder, 'dist', 'index.html')) && readText(stamp) === digestOf(root)
  if (isBuilt()) return
  // Two starts of one clone, each with data of its own, must not write the pages at the same time.
  let lock = await holdLock(`${root}#pages`)
  const isHeld = async () => lock.held || (lock = await holdLock(`${root}#pages`)).held
  await waitUntil(isHeld, { withinMs: 120_000, everyMs: 100, signal })
  try {
    if (isBuilt()) return
    const vite = join(root, 'node_modules', 'vite', 'bin', 'vite.js')
    const options = { cwd: folder, signal, withinMs: 120_000 }
    const { ok, output } = await runCommand(process.execPath, [vite, 'build'], options)
    if (!ok) throw failure('The web pages could not be built:', '', tailOf(output))
    mkdirSync(dirname(stamp), { recursive: true })
    writeFileSync(stamp, digestOf(root))
    house.say('the web pages are built')
  } finally {
    if (lock.held) lock.release()
  }
}

function readText(path: string): string | undefined {
  return existsSync(path) ? readFileSync(path, 'utf8') : undefined
}

function digestOf(root: string): string {
  const hash = createHash('sha256')
  for (const path of SOURCES.flatMap((source) => filesBelow(join(root, source)))) {
    hash.update(`${path.slice(root.length)}\0`).update(readFileSync(path))
  }
  return hash.digest('hex')
}

function filesBelow(path: string): string[] {
  if (!existsSync(path)) return []
  if (!statSync(path).isDirectory()) return [path]
  return readdirSync(path, { withFileTypes: true })
    .filter(({ name }) => !NOT_SOURCES.includes(name))
    .sort((a, b) => a.name.localeCompare(b.name))
    .flatMap((entry) => (entry.isDirectory() ? filesBelow(join(path, entry.name)) : [join(path, entry.name)]))
}
