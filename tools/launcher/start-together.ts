/** Starts several at the same time. When one fails the others are called off, and its error is the one thrown. */
export async function startTogether<Item, Result>(
  items: readonly Item[],
  signal: AbortSignal,
  start: (item: Item, signal: AbortSignal) => Promise<Result>,
): Promise<Result[]> {
  const callOff = new AbortController()
  let first: { error: unknown } | undefined
  const either = AbortSignal.any([signal, callOff.signal])
  const attempts = items.map(async (item) => {
    try {
      return await start(item, either)
    } catch (error) {
      first ??= { error }
      callOff.abort(error)
      throw error
    }
  })
  // All have ended, one way or the other, before anything is stopped.
  const results = await Promise.allSettled(attempts)
  if (first) throw first.error
  return results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []))
}
