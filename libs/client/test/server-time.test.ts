import { expect, test } from '@jest/globals'
import { createClient } from '../src/index.ts'

const serverNow = Date.parse('2026-03-01T12:00:00Z')
const credentials = { accessToken: 'a.b.c', signingKey: { key_id: 'v1.k', secret: 'c2VjcmV0' } }

/** A server that takes signatures of its own last minute, and writes down when each was made. */
function server(refuse = (created: number) => Math.abs(created * 1000 - serverNow) > 60_000) {
  const created: number[] = []
  const keys: (string | null)[] = []
  const nonces = new Set<string>()
  const answering: typeof fetch = (_url, init) => {
    const headers = new Headers(init?.headers)
    const input = headers.get('signature-input') ?? ''
    created.push(Number(/created=(\d+)/.exec(input)![1]))
    nonces.add(/nonce="([^"]+)"/.exec(input)![1]!)
    keys.push(headers.get('idempotency-key'))
    const refused = { code: 'signature_expired', server_time: new Date(serverNow).toISOString() }
    const isRefused = refuse(created.at(-1)!)
    return Promise.resolve(
      new Response(JSON.stringify(isRefused ? refused : { items: [] }), {
        status: isRefused ? 401 : 200,
        headers: { 'content-type': isRefused ? 'application/problem+json' : 'application/json' },
      }),
    )
  }
  return { created, keys, nonces, answering }
}

test.each([-600_000, -61_000, 61_000, 600_000])(
  'a clock that is %i ms wrong costs one refusal, and the server is believed from then on',
  async (wrongBy) => {
    const { created, keys, nonces, answering } = server()
    const now = () => serverNow + wrongBy
    const client = createClient({
      baseUrl: 'http://x',
      credentials: () => credentials,
      fetch: answering,
      now,
    })
    for (let n = 0; n < 2; n += 1) await client.call('rejectTransaction', rejection)
    const [atOnce, right] = [(serverNow + wrongBy) / 1000, serverNow / 1000]
    expect(created).toEqual([atOnce, right, right])
    expect(new Set(keys)).toEqual(new Set(['key-1']))
    expect(nonces.size).toBe(3)
  },
)

const rejection = {
  params: { id: crypto.randomUUID() },
  body: { reason: 'not now' },
  idempotencyKey: 'key-1',
}

test('a clock that is set right again costs one refusal too', async () => {
  const { created, answering } = server()
  let wrongBy = 600_000
  const now = () => serverNow + wrongBy
  const client = createClient({ baseUrl: 'http://x', credentials: () => credentials, fetch: answering, now })
  await client.call('rejectTransaction', rejection)
  wrongBy = 0
  await client.call('rejectTransaction', rejection)
  expect(created.map((seconds) => seconds - serverNow / 1000)).toEqual([600, 0, -600, 0])
})

test('a refusal is told when it comes again', async () => {
  const { created, answering } = server(() => true)
  const client = createClient({ baseUrl: 'http://x', credentials: () => credentials, fetch: answering })
  const refused = client.call('rejectTransaction', rejection)
  await expect(refused).rejects.toMatchObject({ problem: { code: 'signature_expired' } })
  expect(created).toHaveLength(2)
})
