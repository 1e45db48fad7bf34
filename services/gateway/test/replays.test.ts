import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { testEnvironment } from '../../../tests/support/settings.ts'
import { type GatewayHouse, headersFor, newKey, startGatewayHouse, until } from './support/gateway-house.ts'
import { body, post, signed, target } from './support/sent-once.ts'

describe('the very first start, on a Redis that remembers nothing', () => {
  let house: GatewayHouse
  beforeAll(async () => {
    const { REDIS_PREFIX } = testEnvironment()
    house = await startGatewayHouse({ REDIS_PREFIX })
  })
  afterAll(() => house.stop())

  test('the first request is taken', async () => {
    expect((await post(house, await signed(await house.mint()))).status).toBe(200)
  })

  test('a slow clock or a slow network is taken too, soon afterwards', async () => {
    const person = await house.mint()
    expect((await post(house, await signed(person, Date.now() - 40_000))).status).toBe(200)
  })
})

describe('with Redis there', () => {
  let house: GatewayHouse
  beforeAll(async () => (house = await startGatewayHouse()))
  afterAll(() => house.stop())

  test('a replay is nonce_reused and changes nothing', async () => {
    const headers = await signed(await house.mint())
    expect((await post(house, headers)).status).toBe(200)
    const before = house.upstream.received.length
    const again = await post(house, headers)
    expect([again.status, again.json.code]).toEqual([401, 'nonce_reused'])
    expect(again.json.server_time).toEqual(expect.any(String))
    expect(house.upstream.received).toHaveLength(before)
  })

  test('of a hundred at once exactly one passes', async () => {
    const headers = await signed(await house.mint())
    const before = house.upstream.received.length
    const answers = await Promise.all(Array.from({ length: 100 }, () => post(house, headers)))
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
    expect(answers.filter(({ json }) => json.code === 'nonce_reused')).toHaveLength(99)
    expect(house.upstream.received).toHaveLength(before + 1)
  })

  test('a nonce belongs to its key, and a forged signature does not use it up', async () => {
    const person = await house.mint()
    const headers = await signed(person)
    const forged = await post(house, { ...headers, signature: `sig=:${'A'.repeat(43)}=:` })
    expect(forged.json.code).toBe('signature_invalid')
    expect((await post(house, headers)).status).toBe(200)
  })

  test('a read is not taken twice either', async () => {
    const person = await house.mint()
    const headers = await headersFor('/api/v1/accounts', { person })
    expect((await house.send('/api/v1/accounts', { headers })).status).toBe(200)
    expect((await house.send('/api/v1/accounts', { headers })).json.code).toBe('nonce_reused')
  })

  // 60 seconds of margin for gateways whose clocks differ.
  test.each([
    ['a change that is rather old', 'POST', -30, 60],
    ['a change of now', 'POST', 0, 60],
    ['a change that is ahead', 'POST', 50, 60],
    ['a read that is rather old', 'GET', -200, 300],
    ['a read that is ahead', 'GET', 50, 300],
  ])('%s is remembered for longer than it would be taken', async (_name, method, offset, age) => {
    const person = await house.mint()
    const now = Date.now() + offset * 1000
    const headers = await headersFor(target, {
      method,
      person,
      now,
      ...(method === 'POST' ? { body, idempotencyKey: newKey() } : {}),
    })
    const send = () => house.send(target, { method, headers, ...(method === 'POST' ? { body } : {}) })
    expect((await send()).status).toBe(200)
    const [key] = await house.redis.keys(`${house.config.REDIS_PREFIX}*${person.sessionId}*`)
    expect(await house.redis.expiretime(key!)).toBe(Math.floor(now / 1000) + age + 60)
    expect((await send()).json.code).toBe('nonce_reused')
  })

  test('a memory that begins in the future, by a clock that was set back, begins anew', async () => {
    const person = await house.mint()
    const marker = `${house.config.REDIS_PREFIX}{replay:${person.sessionId.at(-1)}}:marker`
    await house.redis.hset(marker, 'since', Math.floor(Date.now() / 1000) + 600)
    const headers = await signed(person)
    expect((await post(house, headers)).json.code).toBe('signature_expired')
    await until(async () => (await post(house, await signed(person))).status === 200, 20_000)
    expect((await post(house, headers)).json.code).toBe('signature_expired')
  })

  test('a replay counts for nobody but the address that it comes from', async () => {
    const person = await house.mint()
    const headers = await signed(person)
    expect((await post(house, headers)).status).toBe(200)
    for (let again = 0; again < 3; again++) await post(house, headers)
    const of = (name: string, subject: string) =>
      house.redis.get(`${house.config.REDIS_PREFIX}rate:{${name}:${subject}}`)
    expect(await of('user', person.userId)).toBe('1')
    expect(await of('family', person.familyId)).toBe('1')
    expect(Number(await of('address', '127.0.0.1'))).toBeGreaterThanOrEqual(4)
  })

  test('emptied: what was signed before is refused and says why, what is signed afterwards passes', async () => {
    const person = await house.mint()
    const headers = await signed(person)
    expect((await post(house, headers)).status).toBe(200)
    await house.emptyRedis()
    const again = await post(house, headers)
    expect([again.status, again.json.code]).toEqual([401, 'signature_expired'])
    expect(again.json.detail).toMatch(/sign again/)
    await until(async () => (await post(house, await signed(person))).status === 200, 20_000)
    for (let other = 0; other < 20; other++) {
      const fresh = await house.mint({ iat: Math.floor(Date.now() / 1000) - 100 })
      expect((await post(house, await signed(fresh))).status).toBe(200)
    }
    expect((await post(house, headers)).json.code).toBe('signature_expired')
  })

  test('emptied: what was signed by a clock that is ahead, and used before, is not taken again', async () => {
    const person = await house.mint()
    const headers = await signed(person, Date.now() + 50_000)
    expect((await post(house, headers)).status).toBe(200)
    await house.emptyRedis()
    await until(async () => (await post(house, await signed(person))).status === 200, 20_000)
    expect((await post(house, headers)).json.code).toBe('nonce_reused')
  })

  test('scripts that Redis has forgotten are sent again', async () => {
    await house.redis.script('FLUSH')
    expect((await post(house, await signed(await house.mint()))).status).toBe(200)
  })
})

describe('two gateways', () => {
  let one: GatewayHouse
  let two: GatewayHouse
  beforeAll(async () => {
    one = await startGatewayHouse({ RATE_LIMIT_USER: '300/60' })
    two = await startGatewayHouse({
      RATE_LIMIT_USER: '300/60',
      REDIS_PREFIX: one.config.REDIS_PREFIX,
      NATS_PREFIX: one.config.NATS_PREFIX,
      SIGNATURE_MASTER_SECRETS: one.env['SIGNATURE_MASTER_SECRETS']!,
      JWKS_URL: one.config.JWKS_URL,
      LEDGER_URL: one.config.LEDGER_URL,
    })
  })
  afterAll(async () => {
    await two.stop()
    await one.stop()
  })

  test('share what they remember', async () => {
    const headers = await signed(await one.mint())
    expect((await post(one, headers)).status).toBe(200)
    expect((await post(two, headers)).json.code).toBe('nonce_reused')
  })

  test('of a hundred copies sent to both at once exactly one passes', async () => {
    const headers = await signed(await one.mint())
    const before = one.upstream.received.length
    const answers = await Promise.all(
      Array.from({ length: 100 }, (_, index) => post(index % 2 === 0 ? one : two, headers)),
    )
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
    expect(answers.filter(({ json }) => json.code === 'nonce_reused')).toHaveLength(99)
    expect(one.upstream.received).toHaveLength(before + 1)
  })

  test('a nonce of a request above a limit is not remembered: it may be sent again afterwards', async () => {
    const person = await one.mint()
    const counter = `${one.config.REDIS_PREFIX}rate:{user:${person.userId}}`
    await one.redis.set(counter, 300, 'EX', 60)
    const headers = await signed(person)
    expect((await post(one, headers)).json.code).toBe('rate_limited')
    await one.redis.del(counter)
    // This one has learned nothing of the limit.
    expect((await post(two, headers)).status).toBe(200)
    expect((await post(two, headers)).json.code).toBe('nonce_reused')
  })
})
