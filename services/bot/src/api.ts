import { setTimeout as sleep } from 'node:timers/promises'
import { ApiError, createClient } from '@common-purse/client'
import type { CallInput } from '@common-purse/client'
import { type Answer, Problem, type RouteId, routes } from '@common-purse/contracts'
import { botKeyId } from '@common-purse/kit/signing-keys'

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

const ATTEMPTS_MAX = 3
const PAUSE_MS_MAX = 2_000

export function createApi(config: { API_URL: string; BOT_CLIENT_SECRET: string }): Api {
  const client = createClient({ baseUrl: config.API_URL })
  const signingKey = { key_id: botKeyId, secret: config.BOT_CLIENT_SECRET }
  const call = async <Id extends RouteId>(id: Id, input: CallInput<Id>, attempt = 1): Promise<Answer<Id>> => {
    try {
      return await client.call(id, input)
    } catch (error) {
      const pause = pauseBeforeRetry(error)
      if (pause === undefined || attempt >= ATTEMPTS_MAX || !isRepeatable(id, input)) throw toProblem(error)
      await sleep(pause)
      return await call(id, input, attempt + 1)
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

/** A repeat is safe when it changes nothing, or when its key makes it the same change. */
const isRepeatable = (id: RouteId, input: { idempotencyKey?: string }): boolean =>
  routes[id].method === 'GET' || input.idempotencyKey !== undefined

const transient = ['upstream_unavailable', 'replay_guard_unavailable', 'rate_limited', 'request_in_progress']

/** Milliseconds after which the same call may do better, or undefined when it will not. */
function pauseBeforeRetry(error: unknown): number | undefined {
  if (!(error instanceof ApiError)) return 300
  if (!transient.includes(error.problem.code)) return undefined
  const asked = (error.retryAfter ?? 0.5) * 1000
  return asked <= PAUSE_MS_MAX ? asked : undefined
}

function toProblem(error: unknown): unknown {
  if (error instanceof ApiError) return error
  return new Problem('upstream_unavailable', 'The gateway does not answer', { cause: error })
}
