/** Something that may take until `at` (milliseconds of `performance.now()`), which may be moved while it runs. */
export interface Deadline {
  at: number
  expire(): void
}

export interface Deadlines {
  add(deadline: Deadline): void
  remove(deadline: Deadline): void
  stop(): void
}

/** How late a deadline may be noticed. */
const TICK_MS = 50

/** One timer for all calls under way, instead of one or two for each; none while nothing is under way. */
export function createDeadlines(): Deadlines {
  const underWay = new Set<Deadline>()
  let timer: NodeJS.Timeout | undefined
  const rest = () => {
    clearInterval(timer)
    timer = undefined
  }
  const expireDue = (now: number) => {
    for (const deadline of underWay) {
      if (deadline.at > now) continue
      underWay.delete(deadline)
      deadline.expire()
    }
  }
  const sweep = () => {
    const now = performance.now()
    // First what has arrived meanwhile is read: a process that was busy is not a service that is slow.
    for (const deadline of underWay)
      if (deadline.at <= now) {
        setImmediate(expireDue, now)
        break
      }
    if (underWay.size === 0) rest()
  }
  return {
    add: (deadline) => {
      underWay.add(deadline)
      timer ??= setInterval(sweep, TICK_MS)
    },
    remove: (deadline) => void underWay.delete(deadline),
    stop: rest,
  }
}
