import { setTimeout as sleep } from 'node:timers/promises'

interface Patience {
  withinMs: number
  everyMs?: number
  signal?: AbortSignal
}

/** Asks again and again until the answer is yes. False when time is up; throws when the signal is aborted. */
export async function waitUntil(
  isTrue: () => Promise<boolean> | boolean,
  patience: Patience,
): Promise<boolean> {
  const until = Date.now() + patience.withinMs
  for (;;) {
    patience.signal?.throwIfAborted()
    if (await isTrue()) return true
    if (Date.now() >= until) return false
    await sleep(patience.everyMs ?? 50, undefined, patience.signal ? { signal: patience.signal } : {})
  }
}
