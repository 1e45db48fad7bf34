import { holdLock } from './bootstrap/hold-lock.mjs'
import { describeError, failure } from './launcher/failure.ts'
import { type House, openDataDir, packagesDirOf, projectRoot, runDirOf } from './launcher/house.ts'
import { endLeftovers } from './launcher/pid-file.ts'
import { say } from './launcher/say.ts'
import { loadSecrets } from './launcher/secrets.ts'
import { createStopStack } from './launcher/stop-stack.ts'
import { listenForStop, type StopSignals } from './launcher/stop-signals.ts'
import { removeOutside } from './servers/place.ts'
import { choosePort, runStart } from './start/run-start.ts'

const stopSignals = listenForStop()

async function openHouse(port: number, { signal, hurry }: StopSignals): Promise<House> {
  const env = process.env
  const dataDir = openDataDir(env)
  const lock = await holdLock(dataDir, `process ${process.pid}, http://127.0.0.1:${port}`)
  if (!lock.held) {
    throw failure(
      `Common Purse is already running with the data in ${dataDir} (${lock.info}).`,
      'Stop that one with Ctrl-C first, or give this one a folder of its own: DATA_DIR=.data-two PORT=8080 npm start',
    )
  }
  await endLeftovers(runDirOf(dataDir), say)
  const secrets = loadSecrets(dataDir)
  removeOutside(dataDir, secrets.id)
  const places = {
    root: projectRoot,
    dataDir,
    runDir: runDirOf(dataDir),
    packagesDir: packagesDirOf(dataDir),
  }
  const watch = process.argv.includes('--watch')
  return { mode: 'start', ...places, env, secrets, say, signal, hurry, opened: createStopStack(), watch }
}

/** The exit code: 0 when it was ready and then asked to stop, something else when it never became ready. */
async function main(): Promise<number> {
  let house: House | undefined
  try {
    const port = await choosePort(process.env['PORT'])
    house = await openHouse(port, stopSignals)
    await runStart(port, house)
    await aborted(stopSignals.signal)
    return 0
  } catch (error) {
    if (!stopSignals.signal.aborted) console.error(`\n${describeError(error)}\n`)
    return stopSignals.signal.aborted ? 130 : 1
  } finally {
    if (house) await stopAll(house)
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}

async function stopAll({ opened, hurry }: House): Promise<void> {
  if (opened.isEmpty()) return
  const { signal } = stopSignals
  say(
    `${signal.aborted ? `${(signal.reason as Error).message}: ` : ''}stopping what was started (Ctrl-C again to hurry)`,
  )
  hurry.addEventListener('abort', () => say('stopping at once'), { once: true })
  await opened.stop((error) => console.error(describeError(error)))
  say('everything is stopped')
}

process.exit(await main())
