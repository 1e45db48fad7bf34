import { setTimeout as sleep } from 'node:timers/promises'
import type { Logger } from '@common-purse/kit/logger'
import { type Telegram, TelegramError } from 'telegraf'
import type { Update } from 'telegraf/types'
import { allowedUpdates } from './allowed-updates.ts'
import type { Lease } from './hold-lease.ts'

interface Deps {
  telegram: Telegram
  /** Of several replicas the one that has it asks. */
  lease: Lease
  /** Handles one update in its chat's turn; must not throw. Is given some again while it is at them. */
  handle(update: Update): Promise<void>
  logger: Logger
}

export interface Polling {
  isConnected(): boolean
  /** Seconds since Telegram last answered, or 0 while another replica asks. */
  silentSeconds(): number
  stop(): Promise<void>
}

const POLL_SECONDS = 50
/** A server that answers "nothing" at once, as the emulator does, is asked about twice a second. */
const QUIET_MS = 500
const STANDBY_MS = 200
/** The next updates are not kept waiting longer by slow ones. */
const BATCH_MS = 1_000
const RETRY_MS = 1_000
const CONFLICT_MS = 5_000
const REFUSED_MS = 30_000

/**
 * Asks Telegram for updates for as long as the bot runs and it is its turn. One is confirmed to Telegram only when it and
 * all before it were handled: what a killed bot was at is delivered again.
 */
export function startPolling({ telegram, lease, handle, logger }: Deps): Polling {
  const stopping = new AbortController()
  const { signal } = stopping
  const open = new Map<number, Promise<void>>()
  let offset = 0
  let connected = false
  let answeredAt = performance.now()
  let told = ''

  const begin = (update: Update) => {
    const { update_id: id } = update
    if (!open.has(id))
      open.set(
        id,
        handle(update).finally(() => open.delete(id)),
      )
  }

  const turn = async (mine: AbortSignal): Promise<number> => {
    const startedAt = performance.now()
    const before = open.size
    const timeout = open.size > 0 ? 0 : POLL_SECONDS
    const updates = await askFor(telegram, { offset, timeout }, AbortSignal.any([signal, mine]))
    connected = true
    answeredAt = performance.now()
    told = ''
    updates.forEach(begin)
    const newest = Math.max(offset, ...updates.map(({ update_id }) => update_id + 1))
    await Promise.race([Promise.all(open.values()), sleep(BATCH_MS)])
    offset = Math.min(newest, ...open.keys())
    return updates.length > before ? 0 : QUIET_MS - (performance.now() - startedAt)
  }

  const pauseAfter = (error: unknown): number => {
    if (signal.aborted || lease.signal() === undefined) return 0
    connected = false
    const failure = toFailure(error)
    if (told !== failure.reason) tell(logger, failure)
    told = failure.reason
    return failure.pause
  }

  const run = async () => {
    while (!signal.aborted) {
      const mine = lease.signal()
      const pause = mine ? await turn(mine).catch(pauseAfter) : STANDBY_MS
      if (pause > 0) await sleep(pause, undefined, { signal }).catch(() => undefined)
    }
    await Promise.all(open.values())
  }
  const running = run()
  return {
    isConnected: () => connected || lease.signal() === undefined,
    silentSeconds: () => (lease.signal() === undefined ? 0 : (performance.now() - answeredAt) / 1000),
    stop: async () => {
      stopping.abort()
      await running
    },
  }
}

async function askFor(
  telegram: Telegram,
  what: { offset: number; timeout: number },
  signal: AbortSignal,
): Promise<Update[]> {
  const limit = AbortSignal.any([signal, AbortSignal.timeout((what.timeout + 15) * 1000)])
  return await telegram.callApi(
    'getUpdates',
    { ...what, allowed_updates: allowedUpdates },
    { signal: limit as never }, // telegraf's type is of an older AbortSignal
  )
}

interface Failure {
  code: number | undefined
  reason: string
  /** Milliseconds until the next try. */
  pause: number
}

function toFailure(error: unknown): Failure {
  if (!(error instanceof TelegramError)) return { code: undefined, reason: 'no answer', pause: RETRY_MS }
  const { code, description: reason, parameters } = error
  return { code, reason, pause: pauses[code] ?? (parameters?.retry_after ?? RETRY_MS / 1000) * 1000 }
}

/** With 401 and 404 Telegram does not know the token, with 409 somebody else asks. */
const pauses: Partial<Record<number, number>> = { 401: REFUSED_MS, 404: REFUSED_MS, 409: CONFLICT_MS }

function tell(logger: Logger, { code, reason }: Failure): void {
  if (code === 401 || code === 404) logger.error({ code, reason }, 'Telegram refuses the token of the bot')
  else if (code === 409) logger.error({ code, reason }, 'Somebody else asks for the updates of this bot')
  else logger.warn({ code, reason }, 'Telegram gives no updates; asking again')
}
