import { setTimeout as sleep } from 'node:timers/promises'
import { ApiError, createClient } from '@common-purse/client'
import type { CallInput } from '@common-purse/client'
import { type Answer, Problem, type RouteId, routes } from '@common-purse/contracts'
import { botKeyId } from '@common-purse/kit/signing-keys'
import { tracedFetch } from '@common-purse/kit/spans'

/** What a call in somebody's name needs. */
export interface Signed {
  accessToken: string
  signingKey: { key_id: string; secret: string }
}

/** The gateway, as the bot sees it. Throws ApiError for a refusal, Problem `upstream_unavailable` for no answer. */
export interface Api {
  /** A call in a person's name. */
  as<Id extends RouteId>(session: Signed, id: Id, input?: CallInput<Id>): Promise<Answer<Id>>
  /** One of the bot's own calls, or a public one. */
  own<Id extends RouteId>(id: Id, input?: CallInput<Id>): Promise<Answer<Id>>
}

/** A person who wrote is answered within about ten seconds, whatever the gateway does. */
const ONE_TRY_MS = 4_500
const ALTOGETHER_MS = 9_000
const FIRST_PAUSE_MS = 300

export function createApi(config: { API_URL: string; BOT_CLIENT_SECRET: string }): Api {
  const client = createClient({ baseUrl: config.API_URL, timeoutMs: ONE_TRY_MS, fetch: tracedFetch })
  const signingKey = { key_id: botKeyId, secret: config.BOT_CLIENT_SECRET }
  const call = async <Id extends RouteId>(id: Id, input: CallInput<Id>): Promise<Answer<Id>> => {
    const lastTryAt = performance.now() + ALTOGETHER_MS - ONE_TRY_MS
    for (let pause = FIRST_PAUSE_MS; ; pause *= 2) {
      try {
        return await client.call(id, input)
      } catch (failure) {
        const error = toKnown(failure)
        const wait = pauseBeforeRetry(error, pause, isRepeatable(id, input))
        if (wait === undefined || performance.now() + wait > lastTryAt) throw error
        await sleep(wait)
      }
    }
  }
  return {
    as: (session, id, input) => call(id, { ...(input as CallInput<typeof id>), credentials: session }),
    own: (id, input) =>
      call(id, {
        ...(input as CallInput<typeof id>),
        ...(routes[id].access === 'bot' ? { credentials: { signingKey } } : {}),
      }),
  }
}

/** A repeat is safe when it changes nothing, or when it is the same change: by its key, or by the refresh's own rule. */
const isRepeatable = (id: RouteId, input: { idempotencyKey?: string }): boolean =>
  routes[id].method === 'GET' || input.idempotencyKey !== undefined || id === 'refreshToken'

/** These say that nothing was done yet; after the others nobody knows. */
const undone = ['rate_limited', 'replay_guard_unavailable']
const unclear = ['upstream_unavailable', 'request_in_progress']

/** Milliseconds after which the same call may do better, or undefined when it will not or must not be made again. */
function pauseBeforeRetry(error: unknown, pause: number, repeatable: boolean): number | undefined {
  if (!(error instanceof ApiError)) return repeatable || wasNeverSent(error) ? pause : undefined
  const { code } = error.problem
  const mayHelp = undone.includes(code) || (repeatable && unclear.includes(code))
  return mayHelp ? Math.max(pause, (error.retryAfter ?? 0) * 1000) : undefined
}

const toKnown = (error: unknown): unknown =>
  error instanceof ApiError || error instanceof Problem
    ? error
    : new Problem('upstream_unavailable', 'The gateway does not answer', { cause: error })

const beforeSending = ['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'UND_ERR_CONNECT_TIMEOUT']

/** There was nobody to send it to, so nothing can have come of it. */
export function wasNeverSent(error: unknown): boolean {
  const { code, cause } = error as { code?: unknown; cause?: unknown }
  return beforeSending.includes(String(code)) || (Boolean(cause) && wasNeverSent(cause))
}
