import { randomUUID } from 'node:crypto'
import { afterEach, describe, expect, test } from '@jest/globals'
import { type GatewayHouse, newKey, startGatewayHouse, until } from './support/gateway-house.ts'
import { watchRedis } from './support/watch-redis.ts'
import { sendRaw } from '../../../tests/support/raw-http.ts'

let house: GatewayHouse | undefined
afterEach(async () => {
  await house?.stop()
  house = undefined
})
const start = async (env: Record<string, string>) => (house = await startGatewayHouse(env))

const statuses = async (times: number, send: () => Promise<{ status: number }>) => {
  const seen: number[] = []
  for (let call = 0; call < times; call++) seen.push((await send()).status)
  return seen
}

describe('by address', () => {
  test('counts every call, says what is left, and refuses with Retry-After', async () => {
    const { send } = await start({ RATE_LIMIT_ADDRESS: '3/60' })
    const first = await send('/api/v1/nothing')
    expect(first.headers.get('ratelimit-policy')).toBe('"address";q=3;w=60')
    expect(first.headers.get('ratelimit')).toMatch(/^"address";r=2;t=(60|59)$/)
    expect(await statuses(2, () => send('/api/v1/accounts'))).toEqual([401, 401])
    const refused = await send('/api/v1/accounts')
    expect([refused.status, refused.json.code]).toEqual([429, 'rate_limited'])
    expect(refused.headers.get('ratelimit')).toMatch(/^"address";r=0;t=\d+$/)
    const wait = Number(refused.headers.get('retry-after'))
    expect(wait).toBeGreaterThan(50)
    expect(wait).toBeLessThanOrEqual(60)
  })

  test('counts the questions that browsers ask before a call', async () => {
    const { send } = await start({ RATE_LIMIT_ADDRESS: '2/60' })
    const headers = { origin: 'https://app.example', 'access-control-request-method': 'POST' }
    const ask = () => send('/api/v1/accounts', { method: 'OPTIONS', headers })
    expect(await statuses(3, ask)).toEqual([204, 204, 429])
  })

  test('does not believe X-Forwarded-For of strangers, and does of a trusted proxy', async () => {
    const { send } = await start({ RATE_LIMIT_ADDRESS: '2/60' })
    let address = 0
    const spoofed = () =>
      send('/api/v1/nothing', { headers: { 'x-forwarded-for': `203.0.113.${address++}` } })
    expect(await statuses(3, spoofed)).toEqual([404, 404, 429])
    await house!.stop()
    const trusting = await start({ RATE_LIMIT_ADDRESS: '2/60', TRUSTED_PROXIES: '127.0.0.0/8' })
    const through = (from: string) => () =>
      trusting.send('/api/v1/nothing', { headers: { 'x-forwarded-for': from } })
    expect(await statuses(3, through('9.9.9.9, 203.0.113.1'))).toEqual([404, 404, 429])
    expect(await statuses(1, through('203.0.113.1, 203.0.113.2'))).toEqual([404])
    expect(await statuses(3, through('2001:db8:1:2::1'))).toEqual([404, 404, 429])
    expect(await statuses(1, through('2001:db8:1:2:ffff::1'))).toEqual([429])
  })

  test('is shared by two gateways', async () => {
    const one = await start({ RATE_LIMIT_ADDRESS: '3/60' })
    const two = await startGatewayHouse({ RATE_LIMIT_ADDRESS: '3/60', REDIS_PREFIX: one.config.REDIS_PREFIX })
    try {
      expect(await statuses(2, () => one.send('/api/v1/nothing'))).toEqual([404, 404])
      expect(await statuses(2, () => two.send('/api/v1/nothing'))).toEqual([404, 429])
    } finally {
      await two.stop()
    }
  })

  test('of many at once to both as many pass as the limit says', async () => {
    const one = await start({ RATE_LIMIT_ADDRESS: '20/60' })
    const two = await startGatewayHouse({
      RATE_LIMIT_ADDRESS: '20/60',
      REDIS_PREFIX: one.config.REDIS_PREFIX,
    })
    try {
      const answers = await Promise.all(
        Array.from({ length: 60 }, (_, index) => (index % 2 === 0 ? one : two).send('/api/v1/accounts')),
      )
      const count = (status: number) => answers.filter((answer) => answer.status === status).length
      expect([count(401), count(429)]).toEqual([20, 40])
    } finally {
      await two.stop()
    }
  })

  test('counts what is refused before it is known who calls, whatever is wrong with it', async () => {
    const { send, mint, url } = await start({ RATE_LIMIT_ADDRESS: '12/60' })
    const person = await mint()
    const forged = { ...person, key: { ...person.key, secret: 'A'.repeat(43) } }
    const body = '{}'
    const refusals: [number, () => Promise<{ status: number }>][] = [
      [401, () => send('/api/v1/accounts')],
      [401, () => send('/api/v1/accounts', { headers: { authorization: 'Bearer x' } })],
      [401, () => send('/api/v1/accounts', { method: 'POST', body, person, key: false })],
      [401, () => send('/api/v1/accounts', { method: 'POST', body, person: forged })],
      [
        415,
        () =>
          send('/api/v1/accounts', { method: 'POST', body, person, headers: { 'content-encoding': 'gzip' } }),
      ],
      [413, () => send('/api/v1/accounts', { method: 'POST', body: 'x'.repeat(1024 * 1024 + 1), person })],
      [404, () => send('/api/v1/nothing')],
      [405, () => send('/api/v1/accounts', { method: 'DELETE' })],
      [405, () => send('/docs', { method: 'POST', body })],
      [200, () => send('/docs')],
      [200, () => send('/health')],
      [400, () => sendRaw(url, 'GET /a//b HTTP/1.1\r\nHost: x\r\n\r\n')],
    ]
    for (const [status, refused] of refusals) expect((await refused()).status).toBe(status)
    for (const [, refused] of refusals) expect((await refused()).status).toBe(429)
  })

  test('an address over its limit costs Redis nothing', async () => {
    const { send, redis, config } = await start({ RATE_LIMIT_ADDRESS: '2/60' })
    expect(await statuses(6, () => send('/api/v1/accounts'))).toEqual([401, 401, 429, 429, 429, 429])
    expect(await redis.get(`${config.REDIS_PREFIX}rate:{address:127.0.0.1}`)).toBe('2')
  })

  test('a list in two headers is one list, and what is no address ends it', async () => {
    const { url } = await start({ RATE_LIMIT_ADDRESS: '1/60', TRUSTED_PROXIES: '127.0.0.0/8,10.0.0.0/8' })
    const ask = async (...lists: string[]) => {
      const fields = lists.map((list) => `X-Forwarded-For: ${list}\r\n`).join('')
      return (
        await sendRaw(url, `GET /api/v1/nothing HTTP/1.1\r\nHost: x\r\nConnection: close\r\n${fields}\r\n`)
      ).status
    }
    expect(await ask('9.9.9.9', '203.0.113.1, 10.0.0.1')).toBe(404)
    expect(await ask('203.0.113.1', ' ,10.0.0.2:80,, ')).toBe(429)
    expect(await ask('::ffff:203.0.113.1')).toBe(429)
    expect(await ask('203.0.113.2, nonsense, 10.0.0.3')).toBe(404)
    expect(await ask('203.0.113.9, "10.0.0.9", 10.0.0.3')).toBe(429)
  })

  test('is counted per process while Redis is away', async () => {
    const { send } = await start({ RATE_LIMIT_ADDRESS: '2/60', REDIS_URL: 'redis://127.0.0.1:9' })
    expect(await statuses(3, () => send('/api/v1/nothing'))).toEqual([404, 404, 429])
  })

  test('begins anew when the window is over', async () => {
    const { send } = await start({ RATE_LIMIT_ADDRESS: '1/2' })
    const ask = () => send('/api/v1/nothing')
    await until(async () => {
      const { status, headers } = await ask()
      if (status === 429) expect(headers.get('retry-after')).toMatch(/^[12]$/)
      return status === 429
    })
    await until(async () => (await ask()).status === 404)
  })
})

test('by user and by family, each with its own counter', async () => {
  const { send, mint } = await start({ RATE_LIMIT_USER: '2/60', RATE_LIMIT_FAMILY: '3/60' })
  const familyId = randomUUID()
  const [one, two, stranger] = await Promise.all([mint({ familyId }), mint({ familyId }), mint()])
  const answer = await send('/api/v1/accounts', { person: one })
  expect(answer.headers.get('ratelimit-policy')).toBe(
    '"address";q=3000;w=60, "user";q=2;w=60, "family";q=3;w=60',
  )
  // What one person is refused does not use up what the family may ask.
  expect(await statuses(3, () => send('/api/v1/accounts', { person: one }))).toEqual([200, 429, 429])
  expect(await statuses(2, () => send('/api/v1/accounts', { person: two }))).toEqual([200, 429])
  expect(await statuses(1, () => send('/api/v1/accounts', { person: stranger }))).toEqual([200])
})

test('a refusal says how every counter stands', async () => {
  const { send, mint, config, redis } = await start({ RATE_LIMIT_FAMILY: '2/60', RATE_LIMIT_BIND: '7/600' })
  const person = await mint()
  await redis.set(`${config.REDIS_PREFIX}rate:{family:${person.familyId}}`, 2, 'EX', 60)
  const refused = await send('/api/v1/auth/telegram/bind/x', { person })
  expect([refused.status, refused.json.code]).toEqual([429, 'rate_limited'])
  expect(refused.json.detail).toMatch(/More than 2 requests in 60 seconds \(family\)/)
  expect(refused.headers.get('ratelimit-policy')).toBe(
    '"address";q=3000;w=60, "user";q=1200;w=60, "family";q=2;w=60, "bind";q=7;w=600',
  )
  expect(refused.headers.get('ratelimit')).toMatch(
    /^"address";r=2999;t=60, "user";r=1199;t=60, "family";r=0;t=\d+, "bind";r=7;t=600$/,
  )
})

test('one request asks Redis once, whatever it is', async () => {
  const { send, mint, config, redis } = await start({})
  const person = await mint()
  const seen: string[][] = []
  const watch = await watchRedis(config.REDIS_URL, (command) => {
    if (command.some((part) => part.startsWith(config.REDIS_PREFIX))) seen.push(command)
  })
  /** Scripts that were called for a request; those of other tests have other prefixes. */
  const asked = async (request: Promise<{ status: number }>) => {
    const { status } = await request
    const end = `${config.REDIS_PREFIX}${newKey()}`
    await redis.get(end)
    await until(() => seen.some((command) => command.includes(end)))
    return [status, seen.splice(0).filter(([name]) => name!.toLowerCase() === 'evalsha').length]
  }
  try {
    await asked(send('/api/v1/accounts', { person }))
    const change = { method: 'POST', body: '{}', person, idempotencyKey: newKey() }
    expect(await asked(send('/api/v1/accounts', change))).toEqual([200, 1])
    expect(await asked(send('/api/v1/accounts', { person }))).toEqual([200, 1])
    expect(await asked(send('/api/v1/accounts', { person, key: false }))).toEqual([200, 1])
    expect(await asked(send('/api/v1/auth/telegram/bind/confirm', change))).toEqual([200, 1])
    expect(await asked(send('/api/v1/auth/register', { method: 'POST', body: '{}' }))).toEqual([200, 1])
    expect(await asked(send('/api/v1/accounts'))).toEqual([401, 1])
    expect(await asked(send('/api/v1/nothing'))).toEqual([404, 1])
    expect(await asked(send('/docs'))).toEqual([200, 1])
  } finally {
    watch.stop()
  }
})

test('registrations of one address', async () => {
  const { send } = await start({ RATE_LIMIT_SIGN_UP: '2/3600' })
  const register = () => send('/api/v1/auth/register', { method: 'POST', body: '{}' })
  expect(await statuses(3, register)).toEqual([200, 200, 429])
  expect((await send('/api/v1/auth/login', { method: 'POST', body: '{}' })).status).toBe(200)
})

test('link codes of one Telegram identity, and guesses of one user', async () => {
  const { send, mint, botKey, upstream } = await start({ RATE_LIMIT_BIND: '2/600' })
  const begin = (id: string) => () =>
    send('/api/v1/auth/telegram/bind/start', {
      method: 'POST',
      body: `{"telegram_id" : "${id}"}`,
      key: botKey,
    })
  expect(await statuses(3, begin('111'))).toEqual([200, 200, 429])
  expect(await statuses(1, begin('222'))).toEqual([200])
  expect(upstream.received.at(-1)!.body.toString()).toBe('{"telegram_id" : "222"}')
  const person = await mint()
  const look = () => send(`/api/v1/auth/telegram/bind/${newKey()}`, { person })
  const confirm = () => send('/api/v1/auth/telegram/bind/confirm', { method: 'POST', body: '{}', person })
  expect(await statuses(2, look)).toEqual([200, 200])
  expect(await statuses(1, confirm)).toEqual([429])
})
