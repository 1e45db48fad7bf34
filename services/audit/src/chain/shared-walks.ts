/**
 * Lets one walk run for each key at a time. Who asks meanwhile waits for the next one and shares it, so that what they
 * hear is never older than their question. `atOnceMax` bounds the walks of all keys together; others wait their turn.
 */
export function createSharedWalks<Result>(run: (key: string) => Promise<Result>, atOnceMax: number) {
  const running = new Map<string, Promise<unknown>>()
  const next = new Map<string, Promise<Result>>()
  const waiting: (() => void)[] = []
  let free = atOnceMax

  const inTurn = async (key: string): Promise<Result> => {
    if (free > 0) free -= 1
    else await new Promise<void>((resolve) => waiting.push(resolve))
    next.delete(key) // from here on it has begun
    try {
      return await run(key)
    } finally {
      const following = waiting.shift()
      if (following) following()
      else free += 1
    }
  }

  return (key: string): Promise<Result> => {
    const planned = next.get(key)
    if (planned) return planned
    const before = running.get(key) ?? Promise.resolve()
    const walk = before.then(() => inTurn(key))
    next.set(key, walk)
    const settled = walk
      .then(
        () => undefined,
        () => undefined,
      )
      .then(() => {
        if (running.get(key) === settled) running.delete(key)
      })
    running.set(key, settled)
    return walk
  }
}
