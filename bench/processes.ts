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
export function cpuMsOf(pid: number): number | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1')
    // After the name, which may hold anything: state is field 3, utime and stime are 14 and 15, in hundredths of a second.
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
    return (Number(fields[11]) + Number(fields[12])) * 10
  } catch {
    return undefined
  }
}
