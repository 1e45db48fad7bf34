import { randomBytes, randomInt } from 'node:crypto'
import { request } from 'node:http'
import { listen, type Listening } from '@common-purse/kit/listen'
import { createLogger } from '@common-purse/kit/logger'
import { createMetrics, type RequestMetrics } from '@common-purse/kit/metrics'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import type { Update } from 'telegraf/types'
import { eventually } from '../../../tests/support/eventually.ts'
import { testEnvironment } from '../../../tests/support/settings.ts'
import { findFreePort } from '../../../tools/launcher/free-port.ts'
import { startTelegramEmulator } from '../../../tools/telegram/emulator.ts'
import { loadConfig } from '../src/config.ts'
import { startBot } from '../src/start.ts'
import { createWebhookApp } from '../src/updates/receive-webhook.ts'
import type { Outcome } from '../src/updates/take-turns.ts'

const secret = randomBytes(32).toString('base64url')
const path = '/telegram/updates'
const header = 'x-telegram-bot-api-secret-token'
const update = (text = '/help') =>
  JSON.stringify({ update_id: randomInt(1e9), message: { chat: { id: 1 }, message_id: 1, text } })

describe('the door', () => {
  let server: Listening
  let metrics: RequestMetrics
  let taken: Update[]
  let outcome: Outcome | undefined

  beforeAll(async () => {
    metrics = createMetrics('test')
    const app = createWebhookApp({
      path,
      secret,
      take: (given) => {
        if (outcome === undefined) return undefined
        taken.push(given)
        return Promise.resolve(outcome)
      },
      countRefusal: metrics.counter('bot_webhook_refused_total', 'Refused', 'code'),
      metrics,
      logger: createLogger('test', 'silent'),
    })
    server = await listen(app, { port: 0, host: '127.0.0.1' })
  })
  afterAll(() => server.close())
  beforeEach(() => {
    taken = []
    outcome = 'handled'
  })

  const bring = (init: RequestInit = {}, to = path) =>
    fetch(server.url + to, {
      method: 'POST',
      headers: { 'content-type': 'application/json', [header]: secret },
      body: update(),
      ...init,
    })
  const problem = async (answer: Response) => {
    expect(answer.headers.get('content-type')).toBe('application/problem+json; charset=utf-8')
    const { code, status } = (await answer.json()) as { code: string; status: number }
    expect(status).toBe(answer.status)
    return [status, code]
  }

  test.each<[string, Record<string, string>]>([
    ['no secret', {}],
    ['an empty one', { [header]: '' }],
    ['another one', { [header]: randomBytes(32).toString('base64url') }],
    ['the beginning of it', { [header]: secret.slice(0, -1) }],
    ['more than it', { [header]: `${secret}A` }],
    ['it in other letters', { [header]: secret.toLowerCase() }],
    ['it under another name', { authorization: `Bearer ${secret}` }],
  ])('with %s is shut, and nothing is read', async (_what, headers) => {
    const answer = await bring({ headers: { 'content-type': 'application/json', ...headers } })
    expect(await problem(answer)).toEqual([401, 'unauthenticated'])
    // Not even a body that could not be read: who has no secret learns nothing.
    const broken = await bring({ headers, body: '{', method: 'PUT' }, '/elsewhere')
    expect(await problem(broken)).toEqual([401, 'unauthenticated'])
    expect(taken).toEqual([])
  })

  test('with the secret twice is shut', async () => {
    const { status } = await new Promise<{ status: number | undefined }>((resolve, reject) => {
      const sent = request(server.url + path, { method: 'POST' }, (answer) => {
        answer.resume().on('end', () => resolve({ status: answer.statusCode }))
      }).on('error', reject)
      sent.setHeader(header, [secret, secret]).end(update())
    })
    expect(status).toBe(401)
    expect(taken).toEqual([])
  })

  test('takes an update, and says so when it was handled', async () => {
    for (outcome of ['handled', 'repeated'] as const) {
      const answer = await bring()
      expect([answer.status, await answer.text()]).toEqual([200, ''])
    }
    expect(taken).toHaveLength(2)
  })

  test.each(['busy', undefined] as const)('wants it again when it is %s', async (how) => {
    outcome = how
    const answer = await bring()
    expect(answer.headers.get('retry-after')).toBe('1')
    expect(await problem(answer)).toEqual([503, 'upstream_unavailable'])
  })

  test.each<[string, number, string, { to?: string } & RequestInit]>([
    ['another path', 404, 'not_found', { to: '/' }],
    ['a query', 404, 'not_found', { to: `${path}?a=1` }],
    ['another method', 405, 'method_not_allowed', { method: 'PUT' }],
    [
      'another type',
      415,
      'unsupported_media_type',
      { headers: { 'content-type': 'text/plain', [header]: secret } },
    ],
    ['what is no JSON', 400, 'invalid_request', { body: '{"update_id":' }],
    ['nothing', 400, 'invalid_request', { body: '' }],
    ['no update', 400, 'invalid_request', { body: '{"update_id":"1"}' }],
    ['a list', 400, 'invalid_request', { body: '[]' }],
    ['too much', 413, 'body_too_large', { body: update('x'.repeat(300_000)) }],
  ])('refuses %s', async (_what, status, code, { to, ...init }) => {
    expect(await problem(await bring(init, to))).toEqual([status, code])
    expect(taken).toEqual([])
  })

  test('counts what it refused', async () => {
    const counted = async () =>
      Number(
        /refused_total\{code="unauthenticated".*\} (\d+)/.exec(await metrics.registry.metrics())?.[1] ?? 0,
      )
    const before = await counted()
    await bring({ headers: { [header]: 'wrong' } })
    expect(await counted()).toBe(before + 1)
  })
})

test('a bot with a webhook is brought what people write, also what they wrote before it was there', async () => {
  const botToken = `${randomInt(1e9)}:test`
  const emulator = await startTelegramEmulator({
    port: await findFreePort(),
    chatPort: await findFreePort(),
    botToken,
  })
  const call = (method: string) =>
    fetch(`${emulator.apiRoot}/bot${botToken}/${method}`).then((answer) => answer.json())
  const write = (text: string) =>
    fetch(`${emulator.chatUrl}api/messages`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ person: 111, text }),
    })
  const answers = async () => {
    const all = (await (await fetch(`${emulator.chatUrl}api/messages?person=111`)).json()) as {
      from: string
    }[]
    return all.filter(({ from }) => from === 'bot').length
  }
  try {
    await write('/help')
    const port = await findFreePort()
    const url = `http://127.0.0.1:${port}${path}`
    const bot = await startBot(
      loadConfig({
        ...testEnvironment(),
        API_URL: `http://127.0.0.1:${await findFreePort()}`,
        TELEGRAM_BOT_TOKEN: botToken,
        TELEGRAM_API_ROOT: emulator.apiRoot,
        TELEGRAM_WEBHOOK_URL: url,
        TELEGRAM_WEBHOOK_SECRET: secret,
        WEBHOOK_PORT: String(port),
      }),
      createLogger('bot', 'silent'),
    )
    try {
      expect(bot.webhookUrl).toBe(url)
      await eventually(answers, (count) => count === 1, 30_000)
      await write('/help')
      await eventually(answers, (count) => count === 2, 30_000)
      expect(await call('getWebhookInfo')).toMatchObject({ result: { url, pending_update_count: 0 } })
    } finally {
      await bot.stop()
    }
  } finally {
    await emulator.stop()
  }
}, 90_000)

test('a webhook without its secret, or without TLS, is no setting', () => {
  const env = { ...testEnvironment(), API_URL: 'http://127.0.0.1:1', TELEGRAM_BOT_TOKEN: '1:test' }
  const url = 'https://purse.example/telegram'
  expect(() => loadConfig({ ...env, TELEGRAM_WEBHOOK_URL: url })).toThrow(/TELEGRAM_WEBHOOK_SECRET/)
  for (const weak of ['short', 'x'.repeat(43), `${secret}!`])
    expect(() => loadConfig({ ...env, TELEGRAM_WEBHOOK_URL: url, TELEGRAM_WEBHOOK_SECRET: weak })).toThrow(
      /TELEGRAM_WEBHOOK_SECRET/,
    )
  for (const open of ['http://purse.example/telegram', 'https://purse.example', 'purse.example/telegram'])
    expect(() => loadConfig({ ...env, TELEGRAM_WEBHOOK_URL: open, TELEGRAM_WEBHOOK_SECRET: secret })).toThrow(
      /TELEGRAM_WEBHOOK_URL/,
    )
  loadConfig({ ...env, TELEGRAM_WEBHOOK_URL: url, TELEGRAM_WEBHOOK_SECRET: secret })
})
