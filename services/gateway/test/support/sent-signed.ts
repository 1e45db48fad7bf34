import { expect } from '@jest/globals'
import { type Answer, newKey, startGatewayHouse } from './gateway-house.ts'
import { handSigned, type HandSigned } from './hand-signed.ts'

export const target = '/api/v1/transactions'
export const body = '{"amount":"12.50"}'

/** A gateway with somebody who sends it changes that are signed by hand, and says how they were answered. */
export async function startSignedSender() {
  const house = await startGatewayHouse()
  const person = await house.mint()
  const signed = (given: Partial<HandSigned> = {}): Record<string, string> =>
    handSigned({
      target,
      body,
      key: person.key,
      authorization: `Bearer ${person.token}`,
      idempotencyKey: newKey(),
      ...given,
    })
  const post = (headers: Record<string, string>, at = target, sent = body) =>
    house.send(at, { method: 'POST', body: sent, headers })

  /** 200, or the code of a refusal; what is refused must not have reached the service, and tells the time. */
  const outcome = async (answering: Promise<Answer>): Promise<string | number> => {
    const before = house.upstream.received.length
    const answer = await answering
    expect(house.upstream.received.length - before).toBe(answer.status === 200 ? 1 : 0)
    if (answer.status === 200) return 200
    expect(answer.status).toBe(401)
    expect(Math.abs(Date.parse(answer.json.server_time!) - Date.now())).toBeLessThan(60_000)
    return answer.json.code!
  }
  return {
    house,
    person,
    signed,
    post,
    outcome,
    sending: (given: Partial<HandSigned>) => outcome(post(signed(given))),
    stop: house.stop,
  }
}
export type SignedSender = Awaited<ReturnType<typeof startSignedSender>>
