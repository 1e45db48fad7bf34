import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { brotliCompressSync, gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { type GatewayHouse, startGatewayHouse } from './support/gateway-house.ts'

let house: GatewayHouse
let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), '.purse-pages-'))
  await mkdir(join(folder, 'web', 'assets'), { recursive: true })
  await writeFile(join(folder, 'web', 'index.html'), '<!doctype html><title>Web</title>')
  await writeFile(join(folder, 'web', 'assets', 'app-1a2b.js'), 'export {}')
  for (const [form, compress] of Object.entries({ br: brotliCompressSync, gz: gzipSync }))
    await writeFile(join(folder, 'web', 'assets', `app-1a2b.js.${form}`), compress('export {}'))
  await writeFile(join(folder, 'web', 'assets', 'plain-1a2b.js'), 'export {}')
  await writeFile(join(folder, 'secret.txt'), 'secret')
  await writeFile(join(folder, 'openapi.json'), '{"openapi":"3.1.0"}')
  const said = { not_found: { happened: 'Nothing <b> is `here`.', todo: 'See [a page](x.md).' } }
  await writeFile(join(folder, 'problems.json'), JSON.stringify(said))
  house = await startGatewayHouse({
    WEB_ROOT: join(folder, 'web'),
    OPENAPI_FILE: join(folder, 'openapi.json'),
    CORS_ORIGINS: 'https://app.example',
  })
})
afterAll(async () => {
  await house.stop()
  await rm(folder, { recursive: true })
})

/** Every script and style sheet of a page is a file from here, and the policy allows it. */
async function expectWholePage(path: string) {
  const page = await house.send(path)
  expect(page.status).toBe(200)
  expect(page.headers.get('content-type')).toContain('text/html')
  expect(page.headers.get('content-security-policy')).toContain("script-src 'self';")
  expect(page.headers.get('content-security-policy')).not.toContain('unsafe')
  expect(page.text).not.toMatch(/<script>|<script(?![^>]*src=)|\son\w+=|<style/)
  for (const [, file] of page.text.matchAll(/(?:src|href)="(\/[^"]+\.(?:js|css|png))"/g))
    expect([file, (await house.send(file!)).status]).toEqual([file, 200])
}

test('/docs and /redoc come whole and from here', async () => {
  await expectWholePage('/docs')
  await expectWholePage('/redoc')
  expect((await house.send('/docs/start.js')).text).toContain("from '/docs/session.js'")
  for (const script of ['session', 'fit-document', 'sign'])
    expect((await house.send(`/docs/${script}.js`)).headers.get('content-type')).toContain('javascript')
  // ReDoc's own script names a picture of its maker's: it is not asked for.
  expect((await house.send('/redoc/redoc.standalone.js')).text).not.toContain('cdn.redoc.ly')
})

test('the type of a problem leads to its page', async () => {
  const refused = await house.send('/nowhere')
  const { type } = refused.json as { type: string }
  expect(type).toBe('/problems/not_found')
  await expectWholePage(type)
  const page = (await house.send(type)).text
  expect(page).toContain('Nothing &lt;b&gt; is <code>here</code>.')
  expect(page).toContain('See a page.')
  await expectWholePage('/problems')
  expect((await house.send('/problems')).text).toContain('href="/problems/not_found"')
  expect((await house.send('/problems/constructor')).status).toBe(404)
  expect((await house.send('/problems/not_found', { method: 'POST', body: '{}' })).status).toBe(405)
})

test('/openapi.json is the generated document', async () => {
  const answer = await house.send('/openapi.json')
  expect([answer.status, answer.json]).toEqual([200, { openapi: '3.1.0' }])
})

test('the web pages are served when they are built', async () => {
  for (const path of ['/', '/link?code=abc'])
    expect((await house.send(path)).text).toContain('<title>Web</title>')
  const asset = await house.send('/assets/app-1a2b.js')
  expect(asset.headers.get('cache-control')).toContain('immutable')
  expect((await house.send('/', { method: 'HEAD' })).status).toBe(200)
  expect((await house.send('/assets/none.js')).status).toBe(404)
  expect((await house.send('/secret.txt')).status).toBe(404)
  const other = await house.send('/', { method: 'POST', body: '{}' })
  expect([other.status, other.headers.get('allow')]).toEqual([405, 'GET, HEAD'])
})

test.each([
  ['br, gzip', 'br'],
  ['gzip, deflate', 'gzip'],
  ['br;q=0, gzip', 'gzip'],
  ['identity', null],
  ['zstd', null],
])('a browser that takes %s gets the form %s of a file', async (accepted, form) => {
  const asset = await house.send('/assets/app-1a2b.js', { headers: { 'accept-encoding': accepted } })
  expect([asset.status, asset.headers.get('content-encoding'), asset.text]).toEqual([200, form, 'export {}'])
  expect(asset.headers.get('content-type')).toContain('javascript')
  expect(asset.headers.get('vary')?.toLowerCase()).toContain('accept-encoding')
  const plain = await house.send('/assets/plain-1a2b.js', { headers: { 'accept-encoding': accepted } })
  expect([plain.status, plain.headers.get('content-encoding'), plain.text]).toEqual([200, null, 'export {}'])
})

test('a page that has not changed is not sent again, and only files of the pages are', async () => {
  const page = await house.send('/')
  expect(page.headers.get('cache-control')).toBe('no-cache')
  // A browser that comes back says so; `fetch` would forbid an answer from the cache.
  const returning = { 'if-none-match': page.headers.get('etag')!, 'cache-control': 'max-age=0' }
  const again = await house.send('/', { headers: returning })
  expect([again.status, again.text]).toEqual([304, ''])
  for (const path of [
    '/assets/app-1a2b.js.br',
    '/assets/none.css',
    '/nowhere',
    '/settings/more',
    '/none.svg',
  ]) {
    const answer = await house.send(path, { headers: { 'accept-encoding': 'br' } })
    expect([path, answer.status, answer.json.code]).toEqual([path, 404, 'not_found'])
    expect(answer.headers.get('content-encoding')).toBeNull()
    expect(answer.headers.get('cache-control') ?? '').not.toContain('immutable')
  }
  for (const path of ['/link', '/settings']) expect((await house.send(path)).text).toBe(page.text)
})

test('without them / says where to look', async () => {
  const bare = await startGatewayHouse({
    WEB_ROOT: join(folder, 'nothing'),
    OPENAPI_FILE: join(folder, 'nothing.json'),
  })
  try {
    const page = await bare.send('/')
    for (const place of ['/docs', '/redoc', 'bot']) expect(page.text).toContain(place)
    expect((await bare.send('/openapi.json')).json.code).toBe('not_found')
  } finally {
    await bare.stop()
  }
})

test('/health says how each part is', async () => {
  const answer = await house.send('/health')
  expect([answer.status, answer.json]).toMatchObject([
    200,
    { status: 'ok', services: { auth: 'ok', ledger: 'ok', audit: 'ok', events: 'ok', replay_guard: 'ok' } },
  ])
})

describe('CORS', () => {
  const preflight = {
    'access-control-request-method': 'POST',
    'access-control-request-headers': 'authorization,signature',
  }

  test('a listed origin may ask, call and read the headers it needs', async () => {
    const asked = await house.send('/api/v1/transactions', {
      method: 'OPTIONS',
      headers: { origin: 'https://app.example', ...preflight },
    })
    expect(asked.status).toBe(204)
    expect(asked.headers.get('access-control-allow-origin')).toBe('https://app.example')
    expect(asked.headers.get('access-control-allow-headers')).toContain('signature-input')
    const refused = await house.send('/api/v1/accounts', { headers: { origin: 'https://app.example' } })
    expect(refused.status).toBe(401)
    expect(refused.headers.get('access-control-allow-origin')).toBe('https://app.example')
    expect(refused.headers.get('access-control-expose-headers')).toContain('retry-after')
    expect(refused.headers.get('vary')?.toLowerCase()).toContain('origin')
  })

  test.each(['https://evil.example', 'https://app.example.evil.example', 'null', 'http://app.example'])(
    '%s may not',
    async (origin) => {
      const asked = await house.send('/api/v1/transactions', {
        method: 'OPTIONS',
        headers: { origin, ...preflight },
      })
      expect(asked.headers.get('access-control-allow-origin')).toBeNull()
    },
  )
})

test('stops while clients keep their connections', async () => {
  const other = await startGatewayHouse()
  await Promise.all(Array.from({ length: 5 }, () => other.send('/health')))
  await other.stop() // Node would keep them for 65 seconds
}, 30_000)
