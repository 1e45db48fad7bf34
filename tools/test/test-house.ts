import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type House, openDataDir, packagesDirOf, projectRoot, runDirOf } from '../launcher/house.ts'
import { endLeftovers } from '../launcher/pid-file.ts'
import { startOf } from '../launcher/process-identity.ts'
import { say } from '../launcher/say.ts'
import { createSecrets } from '../launcher/secrets.ts'
import { createStopStack } from '../launcher/stop-stack.ts'
import type { StopSignals } from '../launcher/stop-signals.ts'
import { removeOutside } from '../servers/place.ts'
import { unmountOf } from './unmount-of.ts'

/** A folder and passwords for this run alone; `remove` takes the folder away. */
export async function openTestHouse(
  env: NodeJS.ProcessEnv,
  stop: StopSignals,
): Promise<{ house: House; remove: () => void }> {
  const parent = openDataDir(env)
  const tests = join(parent, 'test')
  mkdirSync(tests, { recursive: true })
  await removeAbandoned(tests)
  const dataDir = mkdtempSync(join(tests, 'run-'))
  // mkdtemp makes it for us alone, and PostgreSQL may have to run as another user.
  chmodSync(dataDir, 0o755)
  writeFileSync(
    join(dataDir, 'owner.json'),
    JSON.stringify({ pid: process.pid, started: startOf(process.pid) }),
  )
  const places = { root: projectRoot, dataDir, runDir: runDirOf(dataDir), packagesDir: packagesDirOf(parent) }
  const house: House = {
    mode: 'test',
    ...places,
    env,
    secrets: createSecrets(),
    say,
    ...stop,
    opened: createStopStack(),
  }
  return { house, remove: () => removeRun(dataDir) }
}

function removeRun(dataDir: string): void {
  unmountOf(dataDir)
  removeOutside(dataDir)
  rmSync(dataDir, { recursive: true, force: true, maxRetries: 3 })
}

/** Runs that were killed leave their servers and their folder behind. */
async function removeAbandoned(tests: string): Promise<void> {
  for (const name of readdirSync(tests)) {
    const dataDir = join(tests, name)
    if (isInUse(dataDir)) continue
    await endLeftovers(runDirOf(dataDir), say)
    removeRun(dataDir)
  }
}

function isInUse(dataDir: string): boolean {
  try {
    const owner = JSON.parse(readFileSync(join(dataDir, 'owner.json'), 'utf8')) as {
      pid: number
      started: string
    }
    return startOf(owner.pid) === owner.started
  } catch {
    return false
  }
}
