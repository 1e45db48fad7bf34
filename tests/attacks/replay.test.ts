import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { eventually } from '../support/eventually.ts'
import { type GatewayBeside, startGatewayBeside } from '../support/gateway-beside.ts'
import { newNonce, type Request, type Seen, send, signedHeaders } from './attacker.ts'
import { type RedisBeside, startRedisBeside } from './redis-beside.ts'
import { get, idOf, post, type Scene, startScene } from './scene.ts'

let redis: RedisBeside
let scene: Scene
let other: GatewayBeside
beforeAll(async () => {
  redis = await startRedisBeside()
  scene = await startScene({ REDIS_URL: redis.url, REDIS_TIMEOUT_MS: '700' })
  other = await startGatewayBeside(scene.house)
}, 120_000)
afterAll(async () => {
  await other.stop()
  await scene.stop()
  await redis.stop()
})

const seconds = () => Math.floor(Date.now() / 1000)
const spending = (key: string | null = null): Request => ({
  ...post('/transactions', {
    type: 'expense',
    account_id: scene.account.id,
    amount: '1.00',
    currency: 'EUR',
  }),
  key,
})
const newKey = () => `key-${newNonce()}`
const sign = (what: Request, created = seconds()) =>
  signedHeaders(idOf(scene.people.owner), what, { created })
const here = () => scene.house.urls.gateway
const moved = async () =>
  (
    await scene.sql.query<{ count: number }>(
      'SELECT count(*)::int AS count FROM ledger.transactions WHERE account_id = $1',
      [scene.account.id],
    )
  ).rows[0]!.count
const answerOf = ({ status, code }: Seen) => [status, code]

test('of a hundred replays at once to two gateways one moves money, whatever their Idempotency-Key did', async () => {
  const before = await moved()
  const what = spending(newKey())
  const headers = sign(what)
  const seen = await Promise.all(
    Array.from({ length: 100 }, (_, index) => send(index % 2 ? here() : other.url, what, headers)),
  )
  const answers = seen.map(answerOf)
  expect(answers.filter(([status]) => status === 201)).toHaveLength(1)
  expect(answers.filter(([status]) => status !== 201)).toEqual(Array(99).fill([401, 'nonce_reused']))
  expect(await moved()).toBe(before + 1)
})

test('a replay that is written otherwise is one all the same', async () => {
  const what = spending(newKey())
  const headers = sign(what)
  expect((await send(here(), what, headers)).status).toBe(201)
  const before = await moved()
  const change = (name: string, edit: (value: string) => string) => ({
    ...headers,
    [name]: edit(headers[name]!),
  })
  const label = (to: string) => ({
    ...headers,
    'signature-input': headers['signature-input']!.replace(/^s=/, `${to}=`),
    signature: headers['signature']!.replace(/^s=/, `${to}=`),
  })
  const rewritten: Record<string, string>[] = [
    headers,
    label('sig1'),
    label('*'),
    change('signature', (value) => ` ${value} `),
    change('signature-input', (value) => `${value} `),
    change('signature-input', (value) => value.replace(';nonce', '; nonce')),
    change('signature-input', (value) => value.replace(/;nonce="[^"]+"/, `;nonce="${newNonce()}"`)),
    change('signature-input', (value) => value.replace(/created=\d+/, `created=${seconds()}`)),
    change('signature-input', (value) => `${value};expires=${seconds() + 900}`),
    change('signature-input', (value) => value.replace('"@method" ', '')),
    change('idempotency-key', () => newKey()),
    change('authorization', (value) => value.replace('Bearer', 'bearer')),
    change('authorization', (value) => `${value} `),
    Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toUpperCase(), value])),
    Object.fromEntries(Object.entries(headers).reverse()),
  ]
  for (const each of rewritten) {
    const seen = await send(other.url, what, each)
    expect(seen.status).toBe(401)
    expect(['nonce_reused', 'signature_invalid']).toContain(seen.code)
  }
  for (const target of [`${what.target}?`, `${what.target}?dry_run=false`]) {
    const seen = await send(here(), { ...what, target }, headers)
    // `?` and no query are the same for RFC 9421.
    expect(answerOf(seen)).toEqual([401, target.endsWith('?') ? 'nonce_reused' : 'signature_invalid'])
  }
  expect(await moved()).toBe(before)
})

describe('around the end of the window', () => {
  /** Signs so long ago that it is hardly taken any more; less long where the machine is slow to send it. */
  async function taken(what: Request, age: number): Promise<Record<string, string>> {
    const headers = sign(what, seconds() - age)
    const { status, code } = await send(here(), what, headers)
    if (code === 'signature_expired' && age > 15) return await taken(what, age - 10)
    expect(status).toBeLessThan(300)
    return headers
  }

  /** Replays until it is too old; says every answer that was seen. */
  async function replayed(what: Request, age: number): Promise<string[]> {
    const headers = await taken(what, age)
    const answers = new Set<string>()
    await eventually(
      async () => {
        const seen = await send(answers.size % 2 ? here() : other.url, what, headers)
        answers.add(answerOf(seen).join(' '))
        return seen.code
      },
      (code) => code !== 'nonce_reused',
      90_000,
    )
    return [...answers]
  }
  const expectRefusals = (answers: string[]) => {
    expect(answers).toContain('401 signature_expired')
    expect(answers.filter((answer) => !/^401 (nonce_reused|signature_expired)$/.test(answer))).toEqual([])
  }

  test('a change is never taken twice', async () => {
    const before = await moved()
    expectRefusals(await replayed(spending(newKey()), 56))
    expect(await moved()).toBe(before + 1)
  }, 120_000)

  test('neither is a read', async () => {
    expectRefusals(await replayed(get('/accounts'), 296))
  }, 120_000)

  test('what was signed ahead of time waits for its window at neither end', async () => {
    const what = spending(newKey())
    const headers = sign(what, seconds() + 600)
    expect(answerOf(await send(here(), what, headers))).toEqual([401, 'signature_expired'])
    const soon = spending(newKey())
    const ahead = sign(soon, seconds() + 55)
    expect((await send(here(), soon, ahead)).status).toBe(201)
    expect(answerOf(await send(other.url, soon, ahead))).toEqual([401, 'nonce_reused'])
  })
})

test('across a Redis that is killed and comes back nothing is taken twice, and nobody waits for long', async () => {
  const used = [0, 50].map((ahead) => {
    const what = spending(newKey())
    return { what, headers: sign(what, seconds() + ahead) }
  })
  for (const { what, headers } of used) expect((await send(here(), what, headers)).status).toBe(201)
  const before = await moved()
  const everyReplay = async () => {
    const seen = await Promise.all(
      [here(), other.url].flatMap((url) => used.map(({ what, headers }) => send(url, what, headers))),
    )
    return seen.map((each) => answerOf(each).join(' '))
  }
  const fresh = async (url: string) => {
    const what = spending(newKey())
    return (await send(url, what, sign(what))).status
  }

  await redis.kill()
  await eventually(everyReplay, (answers) =>
    answers.every((answer) => answer === '503 replay_guard_unavailable'),
  )
  await redis.start()
  const seen = new Set<string>()
  await eventually(
    async () => {
      for (const answer of await everyReplay()) seen.add(answer)
      return [...seen].some((answer) => answer.startsWith('401'))
    },
    (back) => back,
    30_000,
  )
  expect(await moved()).toBe(before)
  for (const url of [here(), other.url])
    await eventually(
      () => fresh(url),
      (status) => status === 201,
      30_000,
    )
  for (const answer of await everyReplay()) seen.add(answer)
  for (const answer of seen)
    expect(['503 replay_guard_unavailable', '401 nonce_reused', '401 signature_expired']).toContain(answer)
  expect(await moved()).toBe(before + 2)
}, 120_000)
