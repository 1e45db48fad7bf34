import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'

/**
 * When the process began, as a text to compare; undefined when there is none. Together with the number it
 * names one process for good: numbers are given out again, beginnings are not.
 */
export function startOf(pid: number): string | undefined {
  try {
    if (process.platform !== 'linux') return startFromPs(pid)
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    if (fields[0] === 'Z') return undefined // dead, and only not yet collected
    return `${bootId()} ${fields[19]}`
  } catch {
    return undefined
  }
}

const bootId = () => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()

function startFromPs(pid: number): string | undefined {
  const { stdout } = spawnSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' })
  return stdout.trim() || undefined
}

/** The processes of these programs that work in this folder, as far as the system shows it (Linux). */
export function processesIn(folder: string, programs: readonly string[]): number[] {
  if (process.platform !== 'linux') return []
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name))
  return pids.filter((pid) => worksIn(pid, folder, programs)).map(Number)
}

function worksIn(pid: string, folder: string, programs: readonly string[]): boolean {
  try {
    // The name matters: a person's shell may stand in that folder too.
    if (!programs.includes(readFileSync(`/proc/${pid}/comm`, 'utf8').trim())) return false
    return readlinkSync(`/proc/${pid}/cwd`) === folder
  } catch {
    return false // gone, or another user's
  }
}

/** Sends a signal to a process that may be gone already. */
export function sendSignal(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}
