import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { sendSignal, startOf } from './process-identity.ts'
import { waitUntil } from './wait-until.ts'

interface PidFile {
  pid: number
  started: string
  stopSignal: NodeJS.Signals
}

/** Notes a process that was started, so that the next command can end it should this one not get to it. */
export function writePidFile(runDir: string, name: string, pid: number, stopSignal: NodeJS.Signals): void {
  const started = startOf(pid)
  if (started === undefined) return // it has ended already
  mkdirSync(runDir, { recursive: true })
  writeFileSync(
    join(runDir, `${name}.pid.json`),
    JSON.stringify({ pid, started, stopSignal } satisfies PidFile),
  )
}

export function removePidFile(runDir: string, name: string): void {
  rmSync(join(runDir, `${name}.pid.json`), { force: true })
}

/**
 * Ends what a launcher that was killed left running. Only a process with the noted number *and* the noted
 * beginning is touched: any other that has the number now is somebody else's.
 */
export async function endLeftovers(runDir: string, say: (text: string) => void): Promise<void> {
  const left = readPidFiles(runDir).filter(({ file }) => startOf(file.pid) === file.started)
  for (const { name, file } of left) {
    say(`an earlier run left ${name} behind (process ${file.pid}): ending it`)
    sendSignal(file.pid, file.stopSignal)
  }
  for (const { file } of left) {
    const isGone = () => startOf(file.pid) !== file.started
    if (await waitUntil(isGone, { withinMs: 25_000 })) continue
    sendSignal(file.pid, 'SIGKILL')
    await waitUntil(isGone, { withinMs: 5_000 })
  }
  for (const name of listNames(runDir)) removePidFile(runDir, name)
}

function readPidFiles(runDir: string): { name: string; file: PidFile }[] {
  return listNames(runDir).flatMap((name) => {
    try {
      return [{ name, file: JSON.parse(readFileSync(join(runDir, `${name}.pid.json`), 'utf8')) as PidFile }]
    } catch {
      return [] // half written: the launcher was killed in that very moment
    }
  })
}

function listNames(runDir: string): string[] {
  try {
    return readdirSync(runDir).flatMap((entry) => entry.match(/^(.+)\.pid\.json$/)?.[1] ?? [])
  } catch {
    return []
  }
}
