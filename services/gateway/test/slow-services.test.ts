import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals'
import { createHash } from 'node:crypto'
import { get, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { type GatewayHouse, type Person, startGatewayHouse, until } from './support/gateway-house.ts'
import { startUpstream, type UpstreamServer } from './support/upstream-server.ts'

let house: GatewayHouse
let ledger: UpstreamServer
let person: Person
beforeAll(async () => {
  ledger = await startUpstream()
  house = await startGatewayHouse({ LEDGER_URL: ledger.url })
  person = await house.mint()
})
afterAll(async () => {
  await house.stop()
  await ledger.stop()
})
afterEach(() => void (ledger.received.length = 0))

const askLedger = () => house.send('/api/v1/accounts', { person })
const askAudit = () => house.send('/api/v1/audit/head', { person })
const isBreakerOpen = async () => {
  const metrics = await fetch(`${house.opsUrl}/metrics`).then((answer) => answer.text())
  return /^gateway_breaker_open\{.*upstream="ledger".*\} (\d)$/m.exec(metrics)?.[1] === '1'
}

test('fifty calls that hang at one service hold up nobody at another', async () => {
  const held: ServerResponse[] = []
  ledger.answerWith((_req, res) => void held.push(res))
  let ended = 0
  const hanging = Array.from({ length: 50 }, () => askLedger().finally(() => ended++))
  await until(() => held.length === 50)
  for (let call = 0; call < 20; call++) expect((await askAudit()).status).toBe(200)
  expect(ended).toBe(0)
  for (const res of held) res.end('at last')
  for (const { status, text } of await Promise.all(hanging)) expect([status, text]).toEqual([200, 'at last'])
})

/** A closed breaker sees so many failures before it opens; an open one lets through one each two seconds. */
const NEEDED_TO_OPEN = 10

describe('the breaker of a service that fails', () => {
  const failing: RequestListener = (_req, res) => void res.writeHead(500).end('{"code":"internal"}')
  /** Calls again and again until the service takes one, which it does not answer yet. */
  const untilOneIsTaken = async (call: () => Promise<unknown>) => {
    const taken: ServerResponse[] = []
    const isTaken = new Promise<void>((resolve) =>
      ledger.answerWith((_req, res) => {
        taken.push(res)
        resolve()
      }),
    )
    await until(async () => {
      // A refused call ends at once; the one that is tried does not.
      await Promise.race([call(), isTaken])
      return taken.length > 0
    })
    return taken
  }

  const letOneThrough = async () => {
    let tried: ReturnType<typeof askLedger> | undefined
    const taken = await untilOneIsTaken(() => (tried = askLedger()))
    const beside = await Promise.all([askLedger(), askLedger(), askLedger()])
    expect(beside.map(({ status }) => status)).toEqual([503, 503, 503])
    expect(taken).toHaveLength(1)
    return { answer: taken[0]!, tried: tried! }
  }

  /** Until a call is refused that the service did not hear of; answers with it, and with how many the service heard of. */
  const untilRefused = async () => {
    ledger.received.length = 0
    for (let heard = 0; ; heard = ledger.received.length) {
      const refused = await askLedger()
      if (ledger.received.length === heard) return { refused, heard }
      expect(refused.status).toBe(500)
    }
  }

  beforeAll(async () => {
    ledger.answerWith(failing)
    await untilRefused()
  })

  test('refuses at once and says when to come back', async () => {
    const { refused } = await untilRefused()
    expect([refused.status, refused.json.code]).toEqual([503, 'upstream_unavailable'])
    expect(refused.headers.get('retry-after')).toBe('1')
    expect(await isBreakerOpen()).toBe(true)
    expect((await askAudit()).status).toBe(200)
  })

  test('lets one call through, and refuses again when that fails', async () => {
    const { answer, tried } = await letOneThrough()
    ledger.answerWith(failing)
    answer.writeHead(500).end('tried')
    expect(await tried).toMatchObject({ status: 500, text: 'tried' })
    expect((await untilRefused()).heard).toBeLessThan(NEEDED_TO_OPEN)
    expect(await isBreakerOpen()).toBe(true)
  })

  test('learns nothing from a client that leaves during that call', async () => {
    const leaving = new AbortController()
    const headers = { authorization: `Bearer ${person.token}` }
    const [answer] = await untilOneIsTaken(() =>
      fetch(`${house.url}/api/v1/accounts`, { headers, signal: leaving.signal }).catch(() => undefined),
    )
    const gone = new Promise((resolve) => answer!.once('close', resolve))
    ledger.answerWith(failing)
    leaving.abort()
    await gone
    expect((await untilRefused()).heard).toBeLessThan(NEEDED_TO_OPEN)
    expect(await isBreakerOpen()).toBe(true)
  })

  test('lets everybody through again when it succeeds', async () => {
    const { answer, tried } = await letOneThrough()
    answer.writeHead(200).end('well')
    expect(await tried).toMatchObject({ status: 200, text: 'well' })
    ledger.answerWith()
    const together = await Promise.all(Array.from({ length: 5 }, askLedger))
    expect(together.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200])
    expect(await isBreakerOpen()).toBe(false)
  })
})

test('a few calls that hang all open the breaker too: the next one does not wait', async () => {
  // Longer than what the breaker would look back at if that did not go by the time limit.
  const patient = await startGatewayHouse({ LEDGER_URL: ledger.url, UPSTREAM_TIMEOUT_MS: '6000' })
  try {
    const somebody = await patient.mint()
    const ask = () => patient.send('/api/v1/accounts', { person: somebody })
    ledger.answerWith(() => undefined)
    const hanging = await Promise.all(Array.from({ length: NEEDED_TO_OPEN }, ask))
    expect(new Set(hanging.map(({ status }) => status))).toEqual(new Set([503]))
    ledger.received.length = 0
    expect((await ask()).json.code).toBe('upstream_unavailable')
    expect(ledger.received).toHaveLength(0)
  } finally {
    ledger.answerWith()
    await patient.stop()
  }
})

test('a very large answer waits for a slow reader at the service, not in the gateway', async () => {
  const quick = await startGatewayHouse({ LEDGER_URL: ledger.url, UPSTREAM_TIMEOUT_MS: '2000' })
  try {
    const large = answerLarge()
    const answer = await open(`${quick.url}/api/v1/accounts`, (await quick.mint()).token)
    expect(answer.statusCode).toBe(200)
    // Nothing is read for longer than a service may be silent, until the service no longer gets rid of anything.
    const began = performance.now()
    let seen = -1
    await until(async () => {
      const before = seen
      seen = large.produced()
      await new Promise((resolve) => setTimeout(resolve, 300))
      return before === large.produced() && performance.now() - began > 2_500
    }, 20_000)
    expect(large.produced()).toBeLessThan(PIECES / 2)
    const received = createHash('sha256')
    for await (const chunk of answer) received.update(chunk as Buffer)
    expect(received.digest('hex')).toBe(large.digest)
  } finally {
    await quick.stop()
  }
})

const PIECES = 1_500

/** Some hundred megabytes, made as they are taken. */
function answerLarge() {
  const piece = Buffer.alloc(64 * 1024, 'large ')
  const hash = createHash('sha256')
  for (let n = 0; n < PIECES; n++) hash.update(piece)
  let produced = 0
  const pieces = function* () {
    for (; produced < PIECES; produced++) yield piece
  }
  ledger.answerWith((_req, res) => {
    Readable.from(pieces(), { objectMode: false, highWaterMark: piece.length }).pipe(res)
  })
  return { digest: hash.digest('hex'), produced: () => produced }
}

/** An answer whose body nobody reads yet. */
const open = (url: string, token: string): Promise<IncomingMessage> =>
  new Promise((resolve, reject) => {
    get(url, { headers: { authorization: `Bearer ${token}` } }, resolve).on('error', reject)
  })
