import { setTimeout as sleep } from 'node:timers/promises'
import { type StoredUpdate, toUpdate } from './telegram-server.ts'

export interface Webhook {
  url: string
  secret: string | undefined
  stopped: AbortController
  lastError?: { date: number; message: string }
}

const DELIVERY_MS = 60_000
const FIRST_PAUSE_MS = 250
const PAUSE_MS_MAX = 4_000

/** Brings one update to the webhook, again and again until it is taken. */
export async function deliverUpdate(webhook: Webhook, update: StoredUpdate): Promise<void> {
  const { signal } = webhook.stopped
  for (let pause = FIRST_PAUSE_MS; !signal.aborted; pause = Math.min(2 * pause, PAUSE_MS_MAX)) {
    const failure = await post(webhook, toUpdate(update))
    if (failure === undefined) return void (update.isRead = true)
    webhook.lastError = { date: Math.floor(Date.now() / 1000), message: failure }
    await sleep(pause, undefined, { signal }).catch(() => undefined)
  }
}

/** What went wrong, as Telegram puts it. */
async function post({ url, secret, stopped }: Webhook, update: unknown): Promise<string | undefined> {
  try {
    const answer = await fetch(url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(secret === undefined ? {} : { 'x-telegram-bot-api-secret-token': secret }),
      },
      body: JSON.stringify(update),
      signal: AbortSignal.any([stopped.signal, AbortSignal.timeout(DELIVERY_MS)]),
    })
    await answer.body?.cancel()
    return answer.ok ? undefined : `Wrong response from the webhook: ${answer.status} ${answer.statusText}`
  } catch {
    return 'Connection failed'
  }
}
