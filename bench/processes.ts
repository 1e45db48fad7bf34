import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

export const forkProcess = (name: string): ChildProcess => fork(join(import.meta.dirname, name))

/** A file of this folder as a process of its own; answers with the process and what it says first. */
export async function forkBeside(
  name: string,
  message: object,
): Promise<{ child: ChildProcess; said: unknown }> {
  const child = forkProcess(name)
  child.send(message)
  return { child, said: await nextMessage(child) }
}

/** What the process says next; rejects when it ends without a word. */
export async function nextMessage(child: ChildProcess): Promise<unknown> {
  const gone = new AbortController()
  const isGone = () => gone.abort(new Error(`${child.spawnargs.at(-1)} ended`))
  child.once('exit', isGone)
  try {
    const [message] = (await once(child, 'message', { signal: gone.signal })) as [unknown]
    return message
  } finally {
    child.off('exit', isGone)
  }
}

/** Milliseconds of processor time that a process has used so far; undefined where the system does not tell (Linux does). */
export const cpuMsOf = (pid: number): number | undefined => statOf(pid)?.own

/** The same with all of its children, those that are gone and those that live; 0 where the system does not tell. */
export function cpuMsOfTree(pid: number): number {
  const stat = statOf(pid)
  if (!stat) return 0
  const children = readText(`/proc/${pid}/task/${pid}/children`)?.trim().split(' ').filter(Boolean) ?? []
  return stat.own + stat.gone + children.reduce((sum, child) => sum + cpuMsOfTree(Number(child)), 0)
}

/** Of this process's children that have ended; 0 where the system does not tell. */
export const cpuMsOfEnded = (): number => statOf(process.pid)?.gone ?? 0

function statOf(pid: number): { own: number; gone: number } | undefined {
  const text = readText(`/proc/${pid}/stat`)
  if (text === undefined) return undefined
  // After the name, which may hold anything: state is field 3; utime, stime, cutime and cstime are 14 to 17, in hundredths of a second.
  const fields = text
    .slice(text.lastIndexOf(')') + 2)
    .split(' ')
    .map(Number)
  return { own: (fields[11]! + fields[12]!) * 10, gone: (fields[13]! + fields[14]!) * 10 }
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'latin1')
  } catch {
    return undefined
  }
}
