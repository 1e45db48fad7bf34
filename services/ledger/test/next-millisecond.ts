import { setImmediate as turn } from 'node:timers/promises'

/** Waits until the clock shows another millisecond, so that a moment tells what is before from what is after. */
export async function nextMillisecond(): Promise<void> {
  const before = Date.now()
  while (Date.now() <= before) await turn()
}
