import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { fingerprintOf } from './idempotency.ts'

const request = fc.record({
  method: fc.constantFrom('POST', 'PUT', 'PATCH', 'DELETE'),
  target: fc.webPath().map((path) => `/api/v1${path}`),
  userId: fc.uuid(),
  body: fc.uint8Array({ maxLength: 64 }),
})
type Request = Parameters<typeof fingerprintOf>[0]
const textOf = ({ body, ...more }: Request) =>
  JSON.stringify([more.method, more.target, more.userId, [...body]])

/** Another request that differs in one part alone, or in where one part ends and the next begins. */
const changed = fc.tuple(request, request, fc.nat(4)).map(([one, other, part]): [Request, Request] => {
  const body = Buffer.from(one.body)
  const changes: Partial<Request>[] = [
    { method: other.method },
    { target: other.target },
    { userId: other.userId },
    { body: other.body },
    { userId: other.userId, body: Buffer.concat([Buffer.from(`${one.userId}\n`), body]) },
  ]
  return [one, { ...one, ...changes[part] }]
})

test('the same request has the same fingerprint, another one another', () => {
  fc.assert(
    fc.property(changed, ([one, other]) => {
      expect(fingerprintOf({ ...one, body: Uint8Array.from(one.body) })).toBe(fingerprintOf(one))
      expect(fingerprintOf(one) === fingerprintOf(other)).toBe(textOf(one) === textOf(other))
    }),
  )
})

test('a single bit counts', () => {
  const withByte = fc.record({ one: request, bit: fc.nat(7), at: fc.nat() })
  fc.assert(
    fc.property(withByte, ({ one, bit, at }) => {
      fc.pre(one.body.length > 0)
      const body = Uint8Array.from(one.body)
      body[at % body.length]! ^= 1 << bit
      expect(fingerprintOf({ ...one, body })).not.toBe(fingerprintOf(one))
    }),
  )
})
