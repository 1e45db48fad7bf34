import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, test } from '@jest/globals'
import { type GatewayHouse, startGatewayHouse } from './support/gateway-house.ts'

type Answer = (res: ServerResponse) => void

const outages: [string, Answer][] = [
  ['answers 500', (res) => void res.writeHead(500).end('{}')],
  ['answers what is not JSON', (res) => void res.writeHead(200).end('<html>')],
  ['answers JSON that is no list of keys', (res) => void res.writeHead(200).end('{"keys":"one"}')],
  ['answers a list without any key', (res) => void res.writeHead(200).end('{"keys": []}')],
  ['breaks the connection', (res) => void res.destroy()],
  ['stops in the middle of its answer', (res) => void res.writeHead(200).write('{"keys":[')],
  ['accepts and says nothing', () => undefined],
]

/** Each test has its own, so that what they wait for passes at the same time. */
const withHouse = async (run: (scene: Scene) => Promise<void>): Promise<void> => {
  const keys = await startKeys()
  const house = await startGatewayHouse({ JWKS_URL: keys.url })
  keys.follow(house.keys.url)
  try {
    await run(sceneOf(house, keys))
  } finally {
    await house.stop()
    await keys.stop()
  }
}

/** Serves the keys of the house, or fails as it is told; counts how often it was asked. */
async function startKeys() {
  let source = ''
  let outage: Answer | undefined
  let asked = 0
  const server = createServer((_req, res) => {
    asked++
    if (outage) return outage(res)
    void fetch(source).then(async (answer) => res.writeHead(200).end(await answer.text()))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks.json`,
    follow: (url: string) => (source = url),
    fail: (how: Answer | undefined) => (outage = how),
    asked: () => asked,
    stop: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

type Keys = Awaited<ReturnType<typeof startKeys>>
type Scene = ReturnType<typeof sceneOf>

function sceneOf(house: GatewayHouse, keys: Keys) {
  const ask = async (token: string) => {
    const answer = await house.send('/api/v1/accounts', { headers: { authorization: `Bearer ${token}` } })
    return [answer.status, answer.json.code, answer.headers.get('retry-after')]
  }
  const good = async () => (await house.mint()).token
  return {
    keys,
    ask,
    good,
    /** A token that names a key which nobody has published. */
    strange: async (kid: string): Promise<string> => {
      const [, claims, signature] = (await good()).split('.') as [string, string, string]
      const header = JSON.stringify({ alg: 'EdDSA', typ: 'at+jwt', kid })
      return [Buffer.from(header).toString('base64url'), claims, signature].join('.')
    },
    /** Longer than the pause that is kept between two fetches for an unknown key. */
    untilKeysMayBeAskedAgain: async (token: string) => {
      const before = keys.asked()
      while (keys.asked() === before) await ask(token)
    },
  }
}

const accepted = [200, undefined, null]
const outageAnswer = [503, 'upstream_unavailable', '1']
const refusedAnswer = [401, 'token_invalid', null]

describe('while the server of the keys', () => {
  test.concurrent.each(outages)(
    '%s, no token is called invalid, and all is well again afterwards',
    (_name, how) =>
      withHouse(async ({ keys, ask, good }) => {
        keys.fail(how)
        expect(await ask(await good())).toEqual(outageAnswer)
        keys.fail(undefined)
        expect(await ask(await good())).toEqual(accepted)
      }),
  )

  test.concurrent.each(outages)(
    '%s, tokens of known keys go on, and an unknown key is an outage',
    (_name, how) =>
      withHouse(async ({ keys, ask, good, strange, untilKeysMayBeAskedAgain }) => {
        expect(await ask(await good())).toEqual(accepted)
        keys.fail(how)
        // Keys that were fetched just now count as all there are; later the server is asked for those it may have made since.
        await untilKeysMayBeAskedAgain(await strange('new'))
        expect(await ask(await strange('new'))).toEqual(outageAnswer)
        expect(await ask(await good())).toEqual(accepted)
        keys.fail(undefined)
        expect(await ask(await strange('new'))).toEqual(refusedAnswer)
        expect(await ask(await good())).toEqual(accepted)
      }),
  )
})

test('a flood of unknown keys asks the auth service once a second at most, and good tokens go on', () =>
  withHouse(async ({ keys, ask, good, strange }) => {
    expect(await ask(await good())).toEqual(accepted)
    const [before, start] = [keys.asked(), performance.now()]
    const tokens = await Promise.all(Array.from({ length: 300 }, (_, index) => strange(`no-${index}`)))
    const answers = await Promise.all(tokens.flatMap((token) => [ask(token), good().then(ask)]))
    answers.forEach((answer, index) => expect(answer).toEqual(index % 2 === 0 ? refusedAnswer : accepted))
    const seconds = (performance.now() - start) / 1000
    expect(keys.asked() - before).toBeLessThanOrEqual(Math.floor(seconds) + 1)
  }))
