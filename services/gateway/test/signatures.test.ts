import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { signRequest } from '@common-purse/client'
import { signRequest as signInBrowser } from '../src/pages/sign.js'
import {
  type Answer,
  type GatewayHouse,
  headersFor,
  newKey,
  type Person,
  startGatewayHouse,
} from './support/gateway-house.ts'

let house: GatewayHouse
let person: Person
beforeAll(async () => {
  house = await startGatewayHouse()
  person = await house.mint()
})
afterAll(() => house.stop())

const target = '/api/v1/transactions?dry_run=true&a=1'
const body = '{"amount":"12.50"}'
const proper = () => headersFor(target, { method: 'POST', body, person, idempotencyKey: newKey() })
const post = (headers: Record<string, string>, at = target, sent = body) =>
  house.send(at, { method: 'POST', body: sent, headers })

function expectRefusal(answer: Answer, code: string) {
  expect([answer.status, answer.json.code]).toEqual([401, code])
  expect(Math.abs(Date.parse(answer.json.server_time!) - Date.now())).toBeLessThan(60_000)
}

describe('a change', () => {
  test('passes with a signature of its session', async () => {
    expect((await post(await proper())).status).toBe(200)
  })

  test('without one is signature_missing', async () => {
    expectRefusal(await house.send(target, { method: 'POST', body, person, key: false }), 'signature_missing')
    const { signature: _dropped, ...half } = await proper()
    expectRefusal(await post(half), 'signature_missing')
  })

  test('with other bytes is digest_mismatch, without a digest signature_invalid', async () => {
    expectRefusal(await post(await proper(), target, '{"amount":"12.51"}'), 'digest_mismatch')
    const { 'content-digest': _dropped, ...without } = await proper()
    expectRefusal(await post(without), 'signature_invalid')
    const other = { ...(await proper()), 'content-digest': 'sha-256=:AAAA:' }
    expectRefusal(await post(other), 'digest_mismatch')
  })

  test.each([
    ['another order of the query', '/api/v1/transactions?a=1&dry_run=true'],
    ['a repeated parameter', '/api/v1/transactions?dry_run=true&a=1&a=1'],
    ['another spelling', '/api/v1/transactions?dry_run=true&a=%31'],
    ['no query', '/api/v1/transactions'],
    ['another path', '/api/v1/accounts?dry_run=true&a=1'],
  ])('moved to %s is signature_invalid', async (_name, at) => {
    expectRefusal(await post(await proper(), at), 'signature_invalid')
  })

  test('with another token, key, or Idempotency-Key is signature_invalid', async () => {
    const other = await house.mint()
    expectRefusal(
      await post({ ...(await proper()), authorization: `Bearer ${other.token}` }),
      'signature_invalid',
    )
    expectRefusal(await post({ ...(await proper()), 'idempotency-key': newKey() }), 'signature_invalid')
    const { 'idempotency-key': _dropped, ...stripped } = await proper()
    expectRefusal(await post(stripped), 'signature_invalid')
    for (const key of [
      other.key,
      { ...person.key, secret: other.key.secret },
      { ...person.key, key_id: 'v9.x' },
      house.botKey,
    ])
      expectRefusal(
        await house.send(target, { method: 'POST', body, person, idempotencyKey: newKey(), key }),
        'signature_invalid',
      )
  })

  test('that covers less than the profile is signature_invalid', async () => {
    const covered = await headersFor(target, { method: 'POST', body, person })
    expectRefusal(await post({ ...covered, 'idempotency-key': newKey() }), 'signature_invalid')
    const unbound = await signRequest({ method: 'POST', target, body, idempotencyKey: newKey() }, person.key)
    expectRefusal(
      await post({ ...unbound, authorization: `Bearer ${person.token}`, 'content-type': 'application/json' }),
      'signature_invalid',
    )
  })

  test('without an Idempotency-Key is left to the service to explain', async () => {
    expect((await post(await headersFor(target, { method: 'POST', body, person }))).status).toBe(200)
  })

  test.each([
    ['two signatures', (input: string, value: string) => [`${input}, other=()`, `${value}, other=:AA==:`]],
    ['labels that differ', (input: string, value: string) => [input, value.replace('sig=', 'other=')]],
    ['no created', (input: string, value: string) => [input.replace(/;created=\d+/, ''), value]],
    [
      'another algorithm',
      (input: string, value: string) => [input.replace('hmac-sha256', 'hmac-sha512'), value],
    ],
    [
      'a short nonce',
      (input: string, value: string) => [input.replace(/nonce="[^"]+"/, 'nonce="short"'), value],
    ],
    ['a changed nonce', (input: string, value: string) => [input.replace(/nonce="./, 'nonce="_'), value]],
    ['nonsense', (_input: string, value: string) => ['sig=((', value]],
    ['a text instead of bytes', (input: string) => [input, 'sig="abc"']],
  ])('with %s is signature_invalid', async (_name, change) => {
    const headers = await proper()
    const [input, signature] = change(headers['signature-input']!, headers['signature']!)
    expectRefusal(
      await post({ ...headers, 'signature-input': input!, signature: signature! }),
      'signature_invalid',
    )
  })

  test('signed by another method is signature_invalid', async () => {
    const headers = await headersFor(target, { method: 'PUT', body, person, idempotencyKey: newKey() })
    expectRefusal(await post(headers), 'signature_invalid')
  })

  test('too old or from the future is signature_expired', async () => {
    const at = (seconds: number) =>
      house.send(target, {
        method: 'POST',
        body,
        person,
        idempotencyKey: newKey(),
        now: Date.now() + seconds * 1000,
      })
    expectRefusal(await at(-62), 'signature_expired')
    expectRefusal(await at(90), 'signature_expired')
    expect((await at(-40)).status).toBe(200)
    expect((await at(50)).status).toBe(200)
  })

  test('shows the signature base that was computed, outside production', async () => {
    const headers = await proper()
    const answer = await post({ ...headers, signature: `sig=:${'A'.repeat(43)}=:` })
    expectRefusal(answer, 'signature_invalid')
    expect(answer.json.signature_base!.split('\n')[0]).toBe('"@method": POST')
    expect(answer.json.signature_base).toContain('"@query": ?dry_run=true&a=1')
  })
})

describe('a read', () => {
  const read = '/api/v1/accounts'

  test('needs no signature, and one that is there must hold', async () => {
    expect((await house.send(read, { person, key: false })).status).toBe(200)
    expect((await house.send(read, { person })).status).toBe(200)
    const headers = await headersFor(read, { person })
    expectRefusal(await house.send(`${read}?limit=1`, { headers }), 'signature_invalid')
    expectRefusal(
      await house.send(read, {
        headers: { authorization: `Bearer ${person.token}`, signature: 'sig=:AA==:' },
      }),
      'signature_invalid',
    )
  })

  test('may be five minutes old', async () => {
    expect((await house.send(read, { person, now: Date.now() - 250_000 })).status).toBe(200)
    expectRefusal(await house.send(read, { person, now: Date.now() - 302_000 }), 'signature_expired')
  })

  test('needs one where SIGNATURE_POLICY is all', async () => {
    const strict = await startGatewayHouse({ SIGNATURE_POLICY: 'all', NODE_ENV: 'production' })
    try {
      const own = await strict.mint()
      expectRefusal(await strict.send(read, { person: own, key: false }), 'signature_missing')
      expect((await strict.send(read, { person: own })).status).toBe(200)
      expect((await strict.send('/.well-known/jwks.json')).status).toBe(200)
      const answer = await strict.send(read, { person: own, key: { ...own.key, secret: 'A'.repeat(43) } })
      expectRefusal(answer, 'signature_invalid')
      expect(answer.json.signature_base).toBeUndefined()
    } finally {
      await strict.stop()
    }
  })
})

describe('the calls of the bot', () => {
  const route = '/api/v1/auth/telegram/authenticate'
  const ask = (key: { key_id: string; secret: string } | false, more: { person?: Person } = {}) =>
    house.send(route, { method: 'POST', body: '{"telegram_id":"111"}', key, ...more })

  test('pass with its key and no token', async () => {
    expect((await ask(house.botKey)).status).toBe(200)
  })

  test("are refused unsigned, with a session's key, and with another secret", async () => {
    expectRefusal(await ask(false), 'signature_missing')
    expectRefusal(await ask(person.key, { person }), 'signature_invalid')
    expectRefusal(await ask({ ...house.botKey, secret: person.key.secret }), 'signature_invalid')
  })

  test('are refused under any name but its own', async () => {
    for (const key_id of ['bot.v2', 'bot', person.key.key_id])
      expectRefusal(await ask({ ...house.botKey, key_id }), 'signature_invalid')
  })
})

test('the signer of the API page makes signatures that hold', async () => {
  const headers = { authorization: `Bearer ${person.token}`, 'idempotency-key': newKey() }
  const signed = await signInBrowser(
    { method: 'post', url: new URL(house.url + target), body, headers },
    person.key,
  )
  expect((await post({ ...headers, ...signed, 'content-type': 'application/json' })).status).toBe(200)
})
