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

describe('with Redis there', () => {
  let house: GatewayHouse
  beforeAll(async () => (house = await startGatewayHouse()))
  afterAll(() => house.stop())

  test('the first request after the very first start is taken', async () => {
    expect((await post(house, await signed(await house.mint()))).status).toBe(200)
  })

  test('a slow clock or a slow network is taken too, soon after the very first start', async () => {
    const person = await house.mint()
    expect((await post(house, await signed(person, Date.now() - 55_000))).status).toBe(200)
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

  test('is remembered for as long as the signature would be taken', async () => {
    const person = await house.mint()
    await post(house, await signed(person, Date.now() + 50_000))
    const keys = await house.redis.keys(`${house.config.REDIS_PREFIX}*${person.sessionId}*`)
    const left = await house.redis.pttl(keys[0]!)
    expect(left).toBeGreaterThan(110_000)
  })

  test('emptied: what was signed before is refused and says why, what is signed afterwards passes', async () => {
    const person = await house.mint()
    const headers = await signed(person)
    expect((await post(house, headers)).status).toBe(200)
    await house.emptyRedis()
    const again = await post(house, headers)
    expect([again.status, again.json.code]).toEqual([401, 'signature_expired'])
    expect(again.json.detail).toMatch(/sign again/)
    await until(async () => (await post(house, await signed(person))).status === 200, 3_000)
    for (let other = 0; other < 20; other++) {
      const fresh = await house.mint({ iat: Math.floor(Date.now() / 1000) - 100 })
      expect((await post(house, await signed(fresh))).status).toBe(200)
    }
    expect((await post(house, headers)).json.code).toBe('signature_expired')
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
    house = await startGatewayHouse({ REDIS_URL: through.href })
  })
  afterAll(async () => {
    await house.stop()
    await proxy.stop()
  })

  async function expectOutage() {
    const person = await house.mint()
    for (let call = 0; call < 3; call++) {
      const startedAt = Date.now()
      const change = await post(house, await signed(person))
      expect([change.status, change.json.code]).toEqual([503, 'replay_guard_unavailable'])
      expect(change.headers.get('retry-after')).toBe('1')
      expect(Date.now() - startedAt).toBeLessThan(1_000)
      expect((await house.send('/api/v1/accounts', { person, key: false })).status).toBe(200)
      expect((await house.send('/api/v1/accounts', { person })).status).toBe(200)
    }
    expect((await house.send('/health')).json.services!['replay_guard']).toBe('unavailable')
  }
  const recovers = async () =>
    until(async () => (await post(house, await signed(await house.mint()))).status === 200, 6_000)

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

test('two gateways share what they remember', async () => {
  const one = await startGatewayHouse()
  const same = {
    REDIS_PREFIX: one.config.REDIS_PREFIX,
    NATS_PREFIX: one.config.NATS_PREFIX,
    SIGNATURE_MASTER_SECRETS: one.env['SIGNATURE_MASTER_SECRETS']!,
    JWKS_URL: one.config.JWKS_URL,
    LEDGER_URL: one.config.LEDGER_URL,
  }
  const two = await startGatewayHouse(same)
  try {
    const headers = await signed(await one.mint())
    expect((await post(one, headers)).status).toBe(200)
    expect((await post(two, headers)).json.code).toBe('nonce_reused')
  } finally {
    await two.stop()
    await one.stop()
  }
})
