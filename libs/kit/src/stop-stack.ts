export type Stop = () => Promise<void> | void

/** Closes in reverse order what was opened; each is closed even when another one fails to. */
export function createStopStack() {
  const stops: Stop[] = []
  let stopping: Promise<void> | undefined
  const run = async () => {
    const failures: unknown[] = []
    for (const stop of stops.toReversed())
      await Promise.resolve()
        .then(stop)
        .catch((error: unknown) => failures.push(error))
    if (failures.length > 0) throw new AggregateError(failures, 'Not everything could be closed')
  }
  return {
    push: (stop: Stop) => void stops.push(stop),
    stop: () => (stopping ??= run()),
  }
}
