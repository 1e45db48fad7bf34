/** How sure the gateway is that it knows every revocation. Times are those of a clock that is never set. */
export interface Freshness {
  /** All that was revoked before `asOf` (milliseconds of `now`, this moment when left out) is known. */
  confirm(asOf?: number): void
  /** Seconds since the gateway was last known to be current; infinite before the first time. */
  age(): number
  isCurrent(): boolean
  /**
   * Answers whether it is current, after a short wait for news when it is not: a process that was paused finds the
   * news already in its sockets, behind the requests.
   */
  soonCurrent(): Promise<boolean>
  /** Resolves when the gateway was current for the first time. */
  first: Promise<void>
  now(): number
}

const WAIT_MS = 300

export function createFreshness(staleMs: number, now: () => number = () => performance.now()): Freshness {
  let confirmedAt = -Infinity
  let wake: () => void = () => undefined
  let settleFirst: () => void = () => undefined
  const first = new Promise<void>((resolve) => (settleFirst = resolve))
  const isCurrent = () => now() - confirmedAt <= staleMs

  const confirm = (asOf = now()) => {
    confirmedAt = Math.max(confirmedAt, asOf)
    if (!isCurrent()) return
    settleFirst()
    wake()
  }

  /** One timer for everybody who waits; woken early by the news. */
  const news = async () => {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, WAIT_MS)
      wake = () => (clearTimeout(timer), resolve())
    })
    return isCurrent()
  }
  let shared: Promise<boolean> | undefined

  return {
    confirm,
    age: () => (now() - confirmedAt) / 1000,
    isCurrent,
    soonCurrent: async () => isCurrent() || (await (shared ??= news().finally(() => (shared = undefined)))),
    first,
    now,
  }
}
