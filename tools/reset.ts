import { existsSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { holdLock } from './bootstrap/hold-lock.mjs'
import { describeError, failure } from './launcher/failure.ts'
import { openDataDir, runDirOf } from './launcher/house.ts'
import { endLeftovers } from './launcher/pid-file.ts'
import { say } from './launcher/say.ts'
import { createSecrets } from './launcher/secrets.ts'
import { readState } from './launcher/state.ts'
import { tailOf } from './launcher/run-command.ts'
import { compose, composeSecrets } from './servers/compose.ts'
import { isDockerUp } from './servers/docker.ts'
import { removeOutside } from './servers/place.ts'
import { titles, urlVariables, serverKinds } from './servers/sources.ts'

/** Downloaded programs and running tests are not the demo's data. */
const KEPT = ['packages', 'test']

async function reset(): Promise<void> {
  const dataDir = openDataDir(process.env)
  const lock = await holdLock(dataDir, `process ${process.pid}, npm run reset`)
  if (!lock.held)
    throw failure(
      `Common Purse is running with the data in ${dataDir} (${lock.info}).`,
      'Stop it with Ctrl-C first.',
    )
  await endLeftovers(runDirOf(dataDir), say)
  await removeContainers(dataDir)
  removeOutside(dataDir)
  for (const name of readdirSync(dataDir)) {
    if (!KEPT.includes(name)) rmSync(join(dataDir, name), { recursive: true, force: true, maxRetries: 3 })
  }
  say(
    `${dataDir} is cleared${existsSync(join(dataDir, 'packages')) ? '; downloaded programs are kept in its packages folder' : ''}`,
  )
  sayWhatStays()
}

/** The volumes are there only when an earlier start used Docker. */
async function removeContainers(dataDir: string): Promise<void> {
  if (!Object.values(readState(dataDir).sources).includes('docker')) return
  if (!(await isDockerUp(new AbortController().signal))) {
    throw failure(
      'The data are in Docker volumes, and Docker does not answer.',
      'Start Docker, then npm run reset again.',
    )
  }
  const env = { ...process.env, ...composeSecrets({ secrets: createSecrets() }) }
  const { ok, output } = await compose(['down', '--volumes', '--remove-orphans'], dataDir, env, {
    withinMs: 120_000,
  })
  if (!ok) throw failure('docker compose down failed:', tailOf(output))
  say('containers and volumes are removed')
}

function sayWhatStays(): void {
  for (const kind of serverKinds) {
    const url = process.env[urlVariables[kind]]
    if (url)
      say(`${titles[kind]} named in ${urlVariables[kind]} is left as it is: it may hold more than this`)
  }
}

try {
  await reset()
} catch (error) {
  console.error(`\n${describeError(error)}\n`)
  process.exit(1)
}
process.exit(0)
