import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { required } from '../../../tests/support/settings.ts'
import {
  type GatewayHouse,
  headersFor,
  newKey,
  type Person,
  startGatewayHouse,
  until,
} from './support/gateway-house.ts'
import { startTcpProxy, type TcpProxy } from './support/tcp-proxy.ts'

const redisUrl = () => new URL(required('TEST_REDIS_URL'))
const target = '/api/v1/transactions'
const body = '{}'

const signed = (person: Person, now?: number) =>
  headersFor(target, {
    method: 'POST',
    body,
    person,
    idempotencyKey: newKey(),
    ...(now === undefined ? {} : { now }),
  })
const post = (house: GatewayHouse, headers: Record<string, string>) =>
  house.send(target, { method: 'POST', body, headers })

const nonceIn = (headers: Record<string, string>) => /nonce="([^"]+)"/.exec(headers['signature-input']!)![1]!

describe('with Redis there', () => {
  let house: GatewayHouse
  beforeAll(async () => (house = await startGatewayHouse()))
  afterAll(() => house.stop())

  test('the first request after the very first start is taken', async () => {
    expect((await post(house, await signed(await house.mint()))).status).toBe(200)
  })

  test('a slow clock or a slow network is taken too, soon after the very first start', async () => {
    const person = await house.mint()
    expect((await post(house, await signed(person, Date.now() - 40_000))).status).toBe(200)
  })

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

describe('with Redis away', () => {
  let house: GatewayHouse
  let proxy: TcpProxy
  beforeAll(async () => {
    proxy = await startTcpProxy({ host: redisUrl().hostname, port: Number(redisUrl().port) })
    const through = redisUrl()
    through.port = String(proxy.port)
    through.hostname = '127.0.0.1'
    house = await startGatewayHouse({ REDIS_URL: through.href, REDIS_TIMEOUT_MS: '700' })
  })
  afterAll(async () => {
    await house.stop()
    await proxy.stop()
  })

  async function expectOutage() {
    const person = await house.mint()
    const took: number[] = []
    for (let call = 0; call < 3; call++) {
      const startedAt = performance.now()
      const change = await post(house, await signed(person))
      expect([change.status, change.json.code]).toEqual([503, 'replay_guard_unavailable'])
      expect(change.headers.get('retry-after')).toBe('1')
      took.push(performance.now() - startedAt)
      expect((await house.send('/api/v1/accounts', { person, key: false })).status).toBe(200)
      expect((await house.send('/api/v1/accounts', { person })).status).toBe(200)
    }
    // A machine that is busy with other tests may hold up one of them.
    expect(Math.min(...took)).toBeLessThan(1_000)
    expect((await house.send('/health')).json.services!['replay_guard']).toBe('unavailable')
  }
  const recovers = async () =>
    until(async () => (await post(house, await signed(await house.mint()))).status === 200, 30_000)

  test('cut: changes are 503 in under a second, reads go on; back again they pass', async () => {
    const before = await signed(await house.mint())
    expect((await post(house, before)).status).toBe(200)
    proxy.cut()
    await expectOutage()
    proxy.heal()
    await recovers()
    expect((await post(house, before)).json.code).toBe('nonce_reused')
  })

  test('silent: the same', async () => {
    proxy.freeze()
    await expectOutage()
    proxy.heal()
    await recovers()
  })

  test('back and empty: what was signed before is refused', async () => {
    const before = await signed(await house.mint())
    expect((await post(house, before)).status).toBe(200)
    proxy.cut()
    await house.emptyRedis()
    proxy.heal()
    await recovers()
    expect((await post(house, before)).json.code).toBe('signature_expired')
  })

  test('back and empty: what was signed by a clock that is ahead is known to every gateway again', async () => {
    const early = await signed(await house.mint(), Date.now() + 50_000)
    expect((await post(house, early)).status).toBe(200)
    proxy.cut()
    await house.emptyRedis()
    proxy.heal()
    await recovers()
    expect(await house.redis.keys(`${house.config.REDIS_PREFIX}*${nonceIn(early)}`)).toHaveLength(1)
    expect((await post(house, early)).json.code).toBe('nonce_reused')
  })

  test('started anew with other memories: the same', async () => {
    const before = await signed(await house.mint())
    expect((await post(house, before)).status).toBe(200)
    proxy.cut()
    const markers = await house.redis.keys(`${house.config.REDIS_PREFIX}*marker`)
    for (const key of markers) await house.redis.hset(key, 'run_id', 'an earlier run')
    proxy.heal()
    await recovers()
    expect((await post(house, before)).json.code).toBe('signature_expired')
  })
})

test('starts and serves reads while Redis is away', async () => {
  const house = await startGatewayHouse({ REDIS_URL: 'redis://127.0.0.1:9' })
  try {
    const person = await house.mint()
    expect((await house.send('/api/v1/accounts', { person, key: false })).status).toBe(200)
    expect((await post(house, await signed(person))).status).toBe(503)
    const ready = await fetch(`${house.opsUrl}/readyz`)
    expect([ready.status, await ready.json()]).toMatchObject([
      200,
      { checks: { redis: 'unavailable', nats: 'ok' } },
    ])
  } finally {
    await house.stop()
  }
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
