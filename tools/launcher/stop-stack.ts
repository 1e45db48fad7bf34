type Stop = () => Promise<void> | void

export interface StopStack {
  push(stop: Stop): void
  isEmpty(): boolean
  /** Runs what was pushed, last first. One that fails does not keep the others from running. */
  stop(onError: (error: unknown) => void): Promise<void>
}

export function createStopStack(): StopStack {
  const stops: Stop[] = []
  return {
    push: (stop) => void stops.push(stop),
    isEmpty: () => stops.length === 0,
    async stop(onError) {
      for (let stop = stops.pop(); stop; stop = stops.pop()) {
        try {
          await stop()
        } catch (error) {
          onError(error)
        }
      }
    },
  }
}
