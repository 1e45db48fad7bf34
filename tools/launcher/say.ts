const began = Date.now()

/** Seconds since the command began, for instance `3.2`. */
export const elapsed = () => ((Date.now() - began) / 1000).toFixed(1)

/** Prints one line with the time since the command began, so that a person sees that something moves. */
export function say(text: string): void {
  console.log(`[${elapsed().padStart(6)}s] ${text}`)
}

/** Says every five seconds that `what` is still going on. Returns the function that ends this. */
export function sayWhileWaiting(what: string): () => void {
  const from = Date.now()
  const timer = setInterval(() => say(`… ${what}: ${Math.round((Date.now() - from) / 1000)} s`), 5_000)
  return () => clearInterval(timer)
}
