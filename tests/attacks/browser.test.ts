import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { startGatewayBeside } from '../support/gateway-beside.ts'
import { attack, type Seen, send, wrongWith } from './attacker.ts'
import { get, idOf, post, type Scene, startScene } from './scene.ts'

let scene: Scene
beforeAll(async () => {
  scene = await startScene({ CORS_ORIGINS: 'https://app.example' })
}, 120_000)
afterAll(() => scene.stop())

const here = () => scene.house.urls.gateway
const plain = (target: string, headers: Record<string, string> = {}, method = 'GET') =>
  send(here(), { method, target }, headers)

/** What must be on every answer, whoever asks for what. */
function expectProtected({ headers }: Seen): void {
  expect(headers['x-content-type-options']).toBe('nosniff')
  expect(headers['x-frame-options']).toBe('DENY')
  expect(headers['referrer-policy']).toBe('no-referrer')
  const policy = headers['content-security-policy'] as string
  expect(policy).toMatch(/^default-src 'none';/)
  expect(policy).toContain("frame-ancestors 'none'")
  expect(policy).toContain("base-uri 'none'")
  expect(policy).not.toMatch(/unsafe|\*|https?:/)
  for (const name of [
    'set-cookie',
    'server',
    'x-powered-by',
    'x-problem-code',
    'access-control-allow-credentials',
  ])
    expect([name, headers[name]]).toEqual([name, undefined])
}

describe('what a browser is told', () => {
  test.each([
    '/',
    '/link?code=x',
    '/settings',
    '/docs',
    '/redoc',
    '/openapi.json',
    '/health',
    '/.well-known/jwks.json',
    '/nothing',
    '/api/v1/nothing',
    '/api/v1/accounts',
    '//',
    '/%2e%2e',
    '/favicon.ico',
  ])('protects it at %s', async (target) => expectProtected(await plain(target)))

  test('keeps what is private out of every cache', async () => {
    const who = idOf(scene.people.owner)
    const targets = [
      '/auth/me',
      '/accounts',
      '/transactions',
      '/audit/events',
      '/exports/transactions.csv',
      '/audit/export',
      '/reports/summary',
      `/accounts/${scene.account.id}/balance`,
      '/permissions',
      '/accounts/none',
    ]
    for (const target of targets) {
      const seen = await attack(here(), who, get(target))
      expectProtected(seen)
      expect([target, seen.headers['cache-control']]).toEqual([target, 'no-store'])
    }
    const { email, password } = scene.people.owner
    const session = await send(here(), post('/auth/login', { email, password }))
    expect([session.status, session.headers['cache-control']]).toEqual([200, 'no-store'])
    expectProtected(session)
  })

  test('is a file to save where it is a file, which no browser shows and no table computes', async () => {
    const { owner } = scene.people
    const formulas = [
      '=HYPERLINK("https://evil.example","pay")',
      '+1+1',
      '-2+3',
      '@SUM(A1)',
      '=cmd|calc',
      '"; DROP',
      '<script>alert(1)</script>',
    ]
    for (const description of formulas)
      await owner.ledger.call('submitTransaction', {
        body: { type: 'expense', account_id: scene.account.id, amount: '0.01', currency: 'EUR', description },
      })
    const seen = await attack(here(), idOf(owner), get('/exports/transactions.csv'))
    expect(seen.headers['content-disposition']).toMatch(/^attachment/)
    expect(seen.headers['content-type']).toMatch(/^text\/csv/)
    for (const line of seen.text.split('\r\n').slice(1))
      expect(line).not.toMatch(/(^|,)"?[=+@\t]|(^|,)"?-(?![0-9.]+"?(,|$))/)
  })

  test('is by https alone, in production', async () => {
    const inProduction = await startGatewayBeside({
      ...scene.house,
      env: { ...scene.house.env, NODE_ENV: 'production' },
    })
    try {
      const seen = await send(inProduction.url, get('/accounts'))
      expect(seen.headers['strict-transport-security']).toMatch(/max-age=\d{8}/)
      // And shows no part of what a signature is made of.
      const who = idOf(scene.people.owner)
      const refused = await attack(
        inProduction.url,
        { ...who, secret: 'AAAA' },
        post('/accounts', { name: 'X', kind: 'cash', currency: 'EUR' }),
      )
      expect([refused.code, 'signature_base' in (refused.json as object)]).toEqual([
        'signature_invalid',
        false,
      ])
    } finally {
      await inProduction.stop()
    }
  })
})

describe('a page of another origin', () => {
  const ask = { 'access-control-request-method': 'POST', 'access-control-request-headers': 'authorization' }
  const origins = [
    'https://evil.example',
    'https://app.example.evil.example',
    'https://evilapp.example',
    'http://app.example',
    'https://app.example:8443',
    'https://APP.example',
    'https://app.example/',
    'https://app.example, https://evil.example',
    'null',
    'file://',
    '*',
    '',
    'https://app.example%00.evil.example',
  ]
  test.each(origins)('%j reads nothing and may ask nothing', async (origin) => {
    for (const [target, method] of [
      ['/api/v1/accounts', 'OPTIONS'],
      ['/api/v1/accounts', 'GET'],
      ['/health', 'GET'],
      ['/', 'GET'],
    ] as const) {
      const seen = await plain(target, { origin, ...(method === 'OPTIONS' ? ask : {}) }, method)
      const told = Object.keys(seen.headers).filter((name) => name.startsWith('access-control-'))
      expect([target, told]).toEqual([target, []])
    }
  })

  test('may call if it is listed, and is never trusted with what the browser keeps', async () => {
    const seen = await plain('/api/v1/accounts', { origin: 'https://app.example', ...ask }, 'OPTIONS')
    expect(seen.headers['access-control-allow-origin']).toBe('https://app.example')
    expect(seen.headers['access-control-allow-credentials']).toBeUndefined()
  })

  test('does nothing by a form or a picture: what it can send is no signed request', async () => {
    await scene.people.owner.ledger.call('listAccounts')
    const before = await scene.rows()
    for (const type of [
      'text/plain',
      'application/x-www-form-urlencoded',
      'multipart/form-data; boundary=x',
    ]) {
      const headers = {
        'content-type': type,
        origin: 'https://evil.example',
        cookie: `access_token=${scene.people.owner.session.access_token}`,
      }
      const seen = await send(
        here(),
        post('/accounts', { name: 'X', kind: 'cash', currency: 'EUR' }),
        headers,
      )
      expect([seen.status, seen.code]).toEqual([401, 'unauthenticated'])
    }
    expect(await scene.rows()).toEqual(before)
  })
})

test('nothing that is meant for the inside is at the public door', async () => {
  for (const target of [
    '/metrics',
    '/healthz',
    '/readyz',
    '/revocations',
    '/debug/pprof',
    '/.env',
    '/.git/config',
    '/package.json',
    '/node_modules/express/package.json',
    '/src/main.ts',
    '/pages/home.html',
    '/docs/index.html',
    '/docs/..;/main.ts',
    '/assets/',
    '/assets/index.html',
    '/docs/package.json',
    '/redoc/package.json',
    '/server-status',
    '/actuator/env',
    '/graphql',
    '/api/v2/accounts',
    '/api/v1',
    '/api/v1/',
    '/api',
  ])
    for (const method of ['GET', 'POST']) {
      const seen = await plain(target, {}, method)
      expect([target, ...wrongWith(seen)]).toEqual([target])
      expect([target, [404, 405].includes(seen.status)]).toEqual([target, true])
    }
})
