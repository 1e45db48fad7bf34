import { readFileSync } from 'node:fs'

/**
 * Names this process for ever, as `PID-START`: START is when it began, in the system's ticks since it booted, so that a
 * later process with the same number is another one. 0 where the system does not tell (no /proc).
 */
export const ownMark = (): string => `${process.pid}-${startOf(process.pid) ?? 0}`

/** Whether the process of a mark is still there; a killed one that nobody has waited for is not. */
export function isRunning(mark: string): boolean {
  const [pid, start] = mark.split('-')
  return start === '0' ? exists(Number(pid)) : startOf(Number(pid)) === start
}

/** Of `PID (NAME) STATE … START …`; the name may hold spaces and parentheses. */
function startOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const [state, ...fields] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return state === 'Z' || state === 'X' ? undefined : fields[18]
  } catch {
    return undefined
  }
}

function exists(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
