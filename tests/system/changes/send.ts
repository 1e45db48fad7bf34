import { randomUUID } from 'node:crypto'
import { createClient, type Credentials } from '../../../libs/client/src/index.ts'
import { type Route, type RouteId, routes } from '../../../libs/contracts/src/index.ts'
import { botKeyId } from '../../../libs/kit/src/signing-keys.ts'
import type { Person } from '../../support/given.ts'
import type { House } from '../../support/house.ts'

export interface Sent {
  requestId: string
  body: unknown
}

export interface Call {
  params?: Record<string, string>
  body?: unknown
}

/** Whoever may call: a person, the bot, or nobody. */
export type Caller = Pick<Person, 'session'> | 'bot' | 'nobody'

function credentialsOf(house: House, caller: Caller): Credentials {
  if (caller === 'nobody') return {}
  if (caller === 'bot') return { signingKey: { key_id: botKeyId, secret: house.env['BOT_CLIENT_SECRET']! } }
  const { access_token, signing_key } = caller.session
  return { accessToken: access_token, signingKey: signing_key }
}

/** Sends one request through the gateway and expects its success; answers by which id the trail knows it. */
export async function send(house: House, caller: Caller, id: RouteId, call: Call = {}): Promise<Sent> {
  const route: Route = routes[id]
  const answer = await createClient({ baseUrl: house.urls.gateway }).send({
    method: route.method,
    target: route.path.replaceAll(/\{(\w+)\}/g, (_, name: string) => call.params![name]!),
    body: call.body === undefined ? undefined : JSON.stringify(call.body),
    idempotencyKey: route.idempotency === 'none' ? undefined : randomUUID(),
    credentials: credentialsOf(house, caller),
  })
  if (answer.status !== route.status)
    throw new Error(`${id} was answered ${answer.status}: ${JSON.stringify(answer.body)}`)
  return { requestId: answer.headers.get('x-request-id')!, body: answer.body }
}
