import { type ChildProcess, spawn } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { failure } from './failure.ts'
import { nextPause } from './next-pause.ts'
import { removePidFile, writePidFile } from './pid-file.ts'
import { sendSignal } from './process-identity.ts'
import { openLog } from './process-log.ts'
import { waitUntil } from './wait-until.ts'

export interface Watch {
  isWell: () => Promise<boolean>
  everyMs: number
  patienceMs: number
}

/** A process that has to be there: how to start it, how to see that it works, how to end it. */
export interface ProcessSpec {
  name: string
  command: string
  args: readonly string[]
  env: NodeJS.ProcessEnv
  cwd: string
  uid?: number
  gid?: number
  logFile: string
  /** How a line that it writes is shown. Without it the process writes to its log file by itself, and nothing is shown. */
  formatLine?: (line: string) => string
  /** Gets what it sends over its channel. With it the process ends by itself when this one is gone. */
  onMessage?: (message: unknown) => void
  isReady: () => Promise<boolean>
  readyWithinMs: number
  /** Asked again and again once it is ready: one that does not do its work for so long is killed, and started again. */
  watch?: Watch
  /** The first is sent to stop it, the next ones when it has not ended in time; SIGKILL is always the last. */
  stopSteps: readonly { signal: NodeJS.Signals; waitMs: number }[]
  /** Removes what a killed one may have left, before each start. */
  cleanUp?: () => Promise<void>
}

export interface Surroundings {
  runDir: string
  say: (text: string) => void
  /** Aborted when everything is to stop. */
  signal: AbortSignal
  /** Aborted when it is to stop at once. */
  hurry: AbortSignal
}

export interface Supervised {
  stop: () => Promise<void>
}

const DEATHS_BEFORE_READY_MAX = 3
const UP_FOR_A_WHILE_MS = 30_000

/** Starts the process, waits until it is ready, and from then on starts it again whenever it ends. */
export async function supervise(spec: ProcessSpec, around: Surroundings): Promise<Supervised> {
  const keeper = keepRunning(spec, around)
  try {
    await keeper.firstReady()
    return { stop: keeper.stop }
  } catch (error) {
    await keeper.stop()
    throw error
  }
}

function keepRunning(spec: ProcessSpec, around: Surroundings) {
  const log = openLog(spec.logFile)
  const stopping = new AbortController()
  const state: { child?: ChildProcess; deaths: number; ready: boolean } = { deaths: 0, ready: false }

  const loop = async () => {
    let pause = 0
    while (!stopping.signal.aborted) {
      await spec.cleanUp?.()
      if (stopping.signal.aborted) break
      const startedAt = Date.now()
      state.child = startProcess(spec, around.runDir, log)
      if (pause > 0) void sayWhenBack(spec, around, stopping.signal)
      if (spec.watch) void killWhenSick(state.child, { ...spec, watch: spec.watch }, around)
      const how = await endOf(state.child)
      removePidFile(around.runDir, spec.name)
      if (stopping.signal.aborted) break
      state.deaths += 1
      pause = nextPause(pause, Date.now() - startedAt >= UP_FOR_A_WHILE_MS)
      around.say(`${spec.name} ended (${how}): starting it again in ${pause / 1000} s`)
      await sleep(pause, undefined, { signal: stopping.signal }).catch(() => undefined)
    }
  }
  const finished = loop()
  let broken: unknown
  finished.catch((error: unknown) => (broken = error))

  return {
    async firstReady() {
      const isDecided = async () => {
        if (broken !== undefined) throw broken as Error
        if (state.deaths >= DEATHS_BEFORE_READY_MAX)
          throw notReady(spec, 'ends as soon as it is started', log.tail())
        return isAlive(state.child) && (await spec.isReady())
      }
      const ready = await waitUntil(isDecided, { withinMs: spec.readyWithinMs, signal: around.signal })
      if (!ready) throw notReady(spec, `was not ready after ${spec.readyWithinMs / 1000} s`, log.tail())
    },
    async stop() {
      stopping.abort()
      if (state.child) await endProcess(state.child, spec, around.hurry)
      await finished.catch(() => undefined)
      removePidFile(around.runDir, spec.name)
      log.close()
    },
  }
}

/** Another user than ours, where the program refuses to run as us. */
const runAs = ({ uid, gid }: ProcessSpec) => ({
  ...(uid === undefined ? {} : { uid }),
  ...(gid === undefined ? {} : { gid }),
})

function startProcess(spec: ProcessSpec, runDir: string, log: ReturnType<typeof openLog>): ChildProcess {
  const output = spec.formatLine ? 'pipe' : log.descriptor
  const child = spawn(spec.command, spec.args, {
    cwd: spec.cwd,
    env: spec.env,
    ...runAs(spec),
    stdio: ['ignore', output, output, ...(spec.onMessage ? (['ipc'] as const) : [])],
    // A group of its own: Ctrl-C at the terminal must reach it through us, in the right order.
    detached: true,
  })
  child.on('error', (error) => log.write(`could not be started: ${error.message}`))
  if (spec.onMessage) child.on('message', spec.onMessage)
  for (const stream of [child.stdout, child.stderr])
    if (stream) log.follow(stream, (line) => console.log(spec.formatLine?.(line) ?? line))
  if (child.pid !== undefined)
    writePidFile(runDir, spec.name, child.pid, spec.stopSteps[0]?.signal ?? 'SIGTERM')
  return child
}

/** Resolves with how it ended: `code 1`, `SIGKILL`, `could not be started`. */
function endOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    child.once('exit', (code, signal) => resolve(signal ?? `code ${code}`))
    child.once('error', (error) => {
      if (child.pid === undefined) resolve(`could not be started: ${error.message}`)
    })
  })
}

const isAlive = (child: ChildProcess | undefined): child is ChildProcess =>
  child?.pid !== undefined && child.exitCode === null && child.signalCode === null

async function endProcess(child: ChildProcess, spec: ProcessSpec, hurry: AbortSignal): Promise<void> {
  for (const { signal, waitMs } of spec.stopSteps) {
    if (!isAlive(child) || hurry.aborted) break
    sendSignal(child.pid as number, signal)
    await waitUntil(() => !isAlive(child) || hurry.aborted, { withinMs: waitMs })
  }
  if (isAlive(child)) {
    sendSignal(child.pid as number, 'SIGKILL')
    await waitUntil(() => !isAlive(child), { withinMs: 5_000 })
    await spec.cleanUp?.()
  }
}

/** Ends with the process. Only what was ready once is watched: the start has a patience of its own. */
async function killWhenSick(
  child: ChildProcess,
  { name, isReady, readyWithinMs, watch }: ProcessSpec & { watch: Watch },
  { say, signal }: Surroundings,
): Promise<void> {
  const patience = { withinMs: readyWithinMs, everyMs: watch.everyMs, signal }
  const isDecided = async () => !isAlive(child) || (await isReady())
  if (!(await waitUntil(isDecided, patience).catch(() => false))) return
  let wellAt = performance.now()
  while (isAlive(child) && !signal.aborted) {
    if (await watch.isWell()) wellAt = performance.now()
    else if (performance.now() - wellAt >= watch.patienceMs && isAlive(child)) {
      say(`${name} has not worked for ${watch.patienceMs / 1000} s: ending it`)
      sendSignal(child.pid as number, 'SIGKILL')
      return
    }
    await sleep(watch.everyMs, undefined, { signal, ref: false }).catch(() => undefined)
  }
}

async function sayWhenBack(spec: ProcessSpec, around: Surroundings, stopped: AbortSignal): Promise<void> {
  const from = Date.now()
  const ready = await waitUntil(spec.isReady, { withinMs: spec.readyWithinMs, signal: stopped }).catch(
    () => false,
  )
  if (ready && !stopped.aborted)
    around.say(`${spec.name} is back after ${((Date.now() - from) / 1000).toFixed(1)} s`)
}

function notReady(spec: ProcessSpec, what: string, tail: string): Error {
  const lines =
    tail === '' ? ['(it wrote nothing)'] : tail.split('\n').map(spec.formatLine ?? ((line) => line))
  return failure(`${spec.name} ${what}. The end of ${spec.logFile}:`, '', ...lines)
}
