import { expect, test } from '@jest/globals'
import { createClient, importSigningKey } from '../src/index.ts'
import { decidePause } from '../src/retry.ts'

type Step = { status: number; headers?: Record<string, string>; code?: string } | 'lost'

/** A server that does what the steps say, one a request, and writes down what came. */
function server(...steps: Step[]) {
  const seen: { key: string | null; nonce: string }[] = []
  const answering: typeof fetch = (_url, init) => {
    const headers = new Headers(init?.headers)
    const nonce = /nonce="([^"]+)"/.exec(headers.get('signature-input') ?? '')?.[1] ?? ''
    seen.push({ key: headers.get('idempotency-key'), nonce })
    const step = steps.shift() ?? { status: 200 }
    if (step === 'lost') return Promise.reject(new TypeError('fetch failed'))
    const type = step.status === 200 ? 'application/json' : 'application/problem+json'
    return Promise.resolve(
      new Response(JSON.stringify({ code: step.code ?? 'upstream_unavailable', errors: [] }), {
        status: step.status,
        headers: { 'content-type': type, ...step.headers },
      }),
    )
  }
  return { seen, answering }
}

const open = async (fetch: typeof globalThis.fetch, retries = 2) => {
  const signingKey = await importSigningKey({ key_id: 'v1.k', secret: 'c2VjcmV0' })
  const credentials = () => ({ accessToken: 'a.b.c', signingKey })
  return createClient({ baseUrl: 'http://x', credentials, fetch, retries, retryPauseMs: 1 })
}

const spend = { type: 'expense', account_id: 'a', amount: '1.00', currency: 'EUR' } as const

test('a change that goes lost is sent again with the same key and another nonce', async () => {
  const { seen, answering } = server('lost', { status: 503 }, { status: 200 })
  await (await open(answering)).call('submitTransaction', { body: spend })
  expect(seen).toHaveLength(3)
  expect(new Set(seen.map(({ key }) => key)).size).toBe(1)
  expect(new Set(seen.map(({ nonce }) => nonce)).size).toBe(3)
})

test('the last failure is told as it is', async () => {
  const away = server('lost', 'lost')
  await expect((await open(away.answering, 1)).call('listAccounts')).rejects.toThrow(TypeError)
  expect(away.seen).toHaveLength(2)
  const broken = server({ status: 503 }, { status: 503 })
  await expect((await open(broken.answering, 1)).call('listAccounts')).rejects.toMatchObject({
    problem: { code: 'upstream_unavailable' },
  })
  expect(broken.seen).toHaveLength(2)
})

test('without being told a client tries once, and signing in is never repeated', async () => {
  const once = server({ status: 503 })
  await expect((await open(once.answering, 0)).call('listAccounts')).rejects.toThrow()
  expect(once.seen).toHaveLength(1)
  const signIn = server({ status: 503 })
  const body = { email: 'a@example.org', password: 'x' }
  await expect((await open(signIn.answering)).call('login', { body })).rejects.toThrow()
  expect(signIn.seen).toHaveLength(1)
})

test('a key that was imported signs and cannot be read', async () => {
  const { key } = await importSigningKey({ key_id: 'v1.k', secret: 'c2VjcmV0' })
  expect(key.extractable).toBe(false)
  await expect(crypto.subtle.exportKey('raw', key)).rejects.toThrow()
})

const answer = (status: number, code = '', retryAfter?: string) => ({
  status,
  body: { code },
  headers: new Headers(retryAfter === undefined ? {} : { 'retry-after': retryAfter }),
})

test.each([
  ['no answer', undefined, 100],
  ['503', answer(503), 100],
  ['503 with a wait', answer(503, '', '2'), 2_000],
  ['503 with a wait that is no number', answer(503, '', 'soon'), 100],
  ['503 with a long wait', answer(503, '', '60'), undefined],
  ['still being worked on', answer(409, 'request_in_progress'), 100],
  ['409', answer(409, 'insufficient_funds'), undefined],
  ['429', answer(429, 'rate_limited', '1'), undefined],
  ['500', answer(500, 'internal'), undefined],
  ['200', answer(200), undefined],
])('pause after %s', (_, given, pause) => {
  expect(decidePause(given, 100, () => 0.5)).toBe(pause)
})
