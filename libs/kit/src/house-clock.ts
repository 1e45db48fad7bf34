import type { Logger } from './logger.ts'

/** The one time of the house, which is its database's, whatever the clock of this machine says. */
export interface HouseClock {
  now(): Date
  /** Takes in what time somebody told who knows; asked and answered at these moments of `performance.now()`. */
  learn(told: number, asked: { at: number; answeredAt: number }): void
  /** Steady milliseconds, to ask with. */
  steadyMs(): number
}

/** The clocks of this machine, in milliseconds. */
export interface OwnClocks {
  /** Can be set by anybody. */
  wallMs(): number
  /** Cannot, and stands still while the machine sleeps. */
  steadyMs(): number
}

const ownClocks: OwnClocks = { wallMs: () => Date.now(), steadyMs: () => performance.now() }

/** Less may be the way of the answer, and is no reason to move. */
const APART_MS = 250
/** So much at once is a clock that was set, or a machine that slept. */
const STEPPED_MS = 1_000

/**
 * Counts on from what it was told with a clock that is never set; until then this machine's own time counts. `doubt` is called
 * when the machine's clock has moved by itself, so that somebody asks again.
 */
export function createHouseClock(
  logger: Pick<Logger, 'warn'>,
  doubt: () => void = () => undefined,
  { wallMs, steadyMs }: OwnClocks = ownClocks,
): HouseClock {
  /** What makes the time of day out of the steady clock, as this machine sees it. */
  const ownOffset = () => wallMs() - steadyMs()
  let offset = ownOffset()
  let lastOwn = offset
  let warnedAt = 0
  const warn = (apartMs: number, unsure: number) => {
    const isNews = Math.abs(apartMs - warnedAt) > STEPPED_MS + unsure
    if (!isNews) return
    warnedAt = apartMs
    const seconds = Math.round(apartMs / 1000)
    logger.warn({ seconds }, "Seconds by which this machine's clock is ahead of the database's, which counts")
  }
  return {
    steadyMs,
    now: () => {
      const own = ownOffset()
      if (Math.abs(own - lastOwn) > STEPPED_MS) {
        lastOwn = own
        doubt()
      }
      return new Date(steadyMs() + offset)
    },
    learn: (told, { at, answeredAt }) => {
      const unsure = answeredAt - at
      const found = told - (at + answeredAt) / 2
      if (Math.abs(found - offset) > APART_MS + unsure) offset = found
      warn(ownOffset() - found, unsure)
    },
  }
}
