/** Ctrl-C reaches us from the terminal and again through npm and the script that started us. */
const SAME_KEY_PRESS_MS = 800

export interface StopSignals {
  /** Aborted by the first signal, or when the process that started us is gone. Its reason is the signal's name. */
  signal: AbortSignal
  /** Aborted by a second one: stop at once. */
  hurry: AbortSignal
}

/** Listens for everything that asks this process to stop. */
export function listenForStop(): StopSignals {
  const stop = new AbortController()
  const hurry = new AbortController()
  let firstAt = 0
  const onSignal = (name: string) => {
    if (!stop.signal.aborted) {
      firstAt = Date.now()
      stop.abort(new Error(name))
    } else if (Date.now() - firstAt > SAME_KEY_PRESS_MS) hurry.abort(new Error(name))
  }
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, onSignal)
  process.on('disconnect', () => onSignal('its parent ended'))
  process.channel?.unref?.()
  // Nobody reads any more: that is no reason to leave servers running without having stopped them.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined)
  return { signal: stop.signal, hurry: hurry.signal }
}
