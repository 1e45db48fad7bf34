import { setTimeout as sleep } from 'node:timers/promises'
import { RevocationPage } from '@common-purse/contracts'
import type { HouseClock } from '@common-purse/kit/house-clock'
import type { Logger } from '@common-purse/kit/logger'
import type { DenySet } from './deny-set.ts'
import type { Freshness } from './freshness.ts'

export interface RevocationPoll {
  stop(): Promise<void>
}

export interface PollOptions {
  /** The internal list of any replica of the auth service. */
  url: string
  denied: Pick<DenySet, 'apply'>
  freshness: Pick<Freshness, 'confirm' | 'now'>
  /** Learns what time it is. */
  clock: Pick<HouseClock, 'learn' | 'steadyMs'>
  tokenLifeMs: number
  /** From one reading to the next. */
  everyMs: number
  logger: Logger
}

const ANSWER_MS = 800
const RETRY_MS = 200
/** Gateway and auth service start together, and whoever is first has nothing to complain of. */
const PATIENCE_MS = 10_000

/**
 * Asks the auth service itself what was revoked, beside the bus: the list is read from where changes are committed, so
 * that it is complete also when the bus is away, or what was committed has not been published yet.
 */
export function pollRevocations(options: PollOptions): RevocationPoll {
  const { freshness, tokenLifeMs, everyMs, logger } = options
  const stopped = new AbortController()
  // By the clock of the database that has the list, whatever this machine's says.
  let since: Since = { last: String(Math.ceil(tokenLifeMs / 1000) + 60) }
  let failing = false
  let mayFailUntil = freshness.now() + PATIENCE_MS

  const round = async () => {
    const askedAt = freshness.now()
    since = { since: await readAll(options, since, stopped.signal) }
    freshness.confirm(askedAt)
    mayFailUntil = -Infinity
    if (failing) logger.info('Revocations are read from the auth service again')
    failing = false
    return Math.max(0, everyMs - (freshness.now() - askedAt))
  }
  const failed = (error: unknown) => {
    if (freshness.now() > mayFailUntil) {
      if (!failing && !stopped.signal.aborted)
        logger.warn({ err: (error as Error).message }, 'Revocations cannot be read from the auth service')
      failing = true
    }
    return Math.min(RETRY_MS, everyMs)
  }
  const run = async () => {
    while (!stopped.signal.aborted) {
      const milliseconds = await round().catch(failed)
      await sleep(milliseconds, undefined, stopped).catch(() => undefined)
    }
  }
  const running = run()
  return {
    stop: async () => {
      stopped.abort()
      await running
    },
  }
}

/** Since an instant, or of so many seconds. */
type Since = { since: string; after?: string } | { last: string }

/** Takes in everything since then and answers where the next reading begins. */
async function readAll(
  { url, denied, clock }: PollOptions,
  since: Since,
  stop: AbortSignal,
): Promise<string> {
  let until: string | undefined
  let at: Since | null = since
  while (at) {
    const askedAt = clock.steadyMs()
    const page = await readPage(`${url}?${new URLSearchParams(at).toString()}`, stop)
    clock.learn(Date.parse(page.now), { at: askedAt, answeredAt: clock.steadyMs() })
    for (const revocation of page.items) denied.apply(revocation)
    // The first page's: what is committed while the others are read belongs to the next reading.
    until ??= page.until
    at = page.next
  }
  return until!
}

async function readPage(url: string, stop: AbortSignal): Promise<RevocationPage> {
  const answer = await fetch(url, {
    signal: AbortSignal.any([stop, AbortSignal.timeout(ANSWER_MS)]),
    redirect: 'error',
  })
  if (answer.ok) return RevocationPage.parse(await answer.json())
  await answer.body?.cancel()
  throw new Error(`The answer was ${answer.status}`)
}
