import { spawn } from 'node:child_process'
import { constants } from 'node:os'
import { join } from 'node:path'
import { buildPages } from './launcher/build-pages.ts'
import { describeError } from './launcher/failure.ts'
import { projectRoot } from './launcher/house.ts'
import { say } from './launcher/say.ts'
import { listenForStop } from './launcher/stop-signals.ts'
import { startServers } from './servers/start-servers.ts'
import { needsServers } from './test/needs-servers.ts'
import { findPrograms } from './test/programs.ts'
import { withUsualProjects } from './test/projects.ts'
import { openTestHouse } from './test/test-house.ts'

const { signal, hurry } = listenForStop()
const args = process.argv.slice(2)

/** Runs jest with these variables and returns its exit code. */
function runJest(env: NodeJS.ProcessEnv): Promise<number> {
  const jest = join(projectRoot, 'node_modules', 'jest', 'bin', 'jest.js')
  // Jest's ES modules are still marked as experimental; the warning would stand before every summary.
  const flags = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning']
  const child = spawn(process.execPath, [...flags, jest, ...withUsualProjects(args)], {
    cwd: projectRoot,
    env: { ...process.env, ...env },
    stdio: 'inherit',
  })
  const pass = () => child.kill('SIGTERM')
  signal.addEventListener('abort', pass)
  hurry.addEventListener('abort', () => child.kill('SIGKILL'))
  if (signal.aborted) pass()
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (code, name) => resolve(code ?? 128 + constants.signals[name ?? 'SIGTERM']))
  })
}

async function runWithServers(): Promise<number> {
  const { house, remove } = await openTestHouse(process.env, { signal, hurry })
  try {
    const programs = await findPrograms(args, house)
    const server = await startServers(house)
    await buildPages(house)
    say('running the tests')
    return await runJest({
      TEST_DATABASE_URL: server.postgres,
      TEST_REDIS_URL: server.redis,
      TEST_NATS_URL: server.nats,
      ...programs,
    })
  } catch (error) {
    if (!signal.aborted) console.error(`\n${describeError(error)}\n`)
    return signal.aborted ? 130 : 1
  } finally {
    await house.opened.stop((error) => console.error(describeError(error)))
    remove()
  }
}

process.exit(needsServers(args) ? await runWithServers() : await runJest({}))
