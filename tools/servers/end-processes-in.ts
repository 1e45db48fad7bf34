import { processesIn, sendSignal } from '../launcher/process-identity.ts'
import { waitUntil } from '../launcher/wait-until.ts'

/** Ends what still works in a server's own folder, because two of them must never write the same files. */
export async function endProcessesIn(folder: string, programs: readonly string[]): Promise<void> {
  const isQuiet = () => processesIn(folder, programs).length === 0
  if (await waitUntil(isQuiet, { withinMs: 1_000 })) return
  for (const pid of processesIn(folder, programs)) sendSignal(pid, 'SIGKILL')
  await waitUntil(isQuiet, { withinMs: 5_000 })
}
