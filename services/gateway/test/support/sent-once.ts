import { type GatewayHouse, headersFor, newKey, type Person } from './gateway-house.ts'

export const target = '/api/v1/transactions'
export const body = '{}'

/** The headers of one signed change, made now or at another time (milliseconds); sent a second time they are a replay. */
export const signed = (person: Person, now?: number): Promise<Record<string, string>> =>
  headersFor(target, {
    method: 'POST',
    body,
    person,
    idempotencyKey: newKey(),
    ...(now === undefined ? {} : { now }),
  })

/** Sends the change with these headers. */
export const post = (house: GatewayHouse, headers: Record<string, string>) =>
  house.send(target, { method: 'POST', body, headers })
