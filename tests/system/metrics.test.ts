import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { parse } from 'yaml'
import { createClient, signRequest } from '../../libs/client/src/index.ts'
import { createLogger } from '../../libs/kit/src/logger.ts'
import { loadConfig } from '../../services/bot/src/config.ts'
import { type RunningBot, startBot } from '../../services/bot/src/start.ts'
import { eventually } from '../support/eventually.ts'
import { type Family, givenAccount, givenFamily } from '../support/given.ts'
import { type House, startHouse } from '../support/house.ts'
import { refused } from '../support/refused.ts'

const root = join(import.meta.dirname, '../..')
const read = (path: string) => readFileSync(join(root, path), 'utf8')

interface Sample {
  service: string
  name: string
  labels: Record<string, string>
  value: number
}

/** What a service's /metrics says: each family of metrics with its help and type, and every sample. */
interface Scrape {
  families: Map<string, { help: string; type: string }>
  samples: Sample[]
}

function parseMetrics(text: string, { families, samples }: Scrape): void {
  for (const line of text.split('\n')) {
    const [, kind, name, rest] = /^# (HELP|TYPE) (\S+) (.*)$/.exec(line) ?? []
    if (kind === 'HELP') families.set(name!, { help: rest!, type: '' })
    if (kind === 'TYPE') families.get(name!)!.type = rest!
    const [, sample, labelText = '', value] = /^([a-z_0-9]+)(?:\{(.*)\})? (\S+)/.exec(line) ?? []
    if (sample === undefined) continue
    const pairs = [...labelText.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)]
    const labels = Object.fromEntries(pairs.map(([, label, content]) => [label!, content!]))
    samples.push({ service: labels['service']!, name: sample, labels, value: Number(value) })
  }
}

let house: House
let bots: RunningBot[]
let family: Family
let scrape: Scrape

/** Nobody is there: a bot shows its metrics all the same. */
const botSettings = {
  API_URL: 'http://127.0.0.1:9',
  TELEGRAM_API_ROOT: 'http://127.0.0.1:9',
  TELEGRAM_BOT_TOKEN: '123456:nobody',
}

const valueOf = (service: string, name: string, labels: Record<string, string> = {}) =>
  scrape.samples.find(
    (sample) =>
      sample.service === service &&
      sample.name === name &&
      Object.entries(labels).every(([label, value]) => sample.labels[label] === value),
  )?.value

async function refusals(): Promise<void> {
  const { owner } = family
  const visitor = createClient({ baseUrl: house.urls.gateway })
  const wrong = { email: owner.email, password: 'not the password of Olga' }
  await refused(visitor.call('login', { body: wrong }), 'credentials_invalid')
  const target = '/api/v1/auth/me'
  const authorization = `Bearer ${owner.session.access_token}`
  const body = JSON.stringify({ display_name: 'Olga' })
  const headers = { authorization, 'content-type': 'application/json' }
  const send = async (more: Record<string, string>) => {
    const init = { method: 'PATCH', body, headers: { ...headers, ...more } }
    return (await fetch(`${house.urls.gateway}${target}`, init)).status
  }
  const signed = await signRequest(
    { method: 'PATCH', target, body, authorization },
    owner.session.signing_key,
  )
  expect([await send({}), await send(signed), await send(signed)]).toEqual([401, 200, 401])
}

async function movements(): Promise<void> {
  const { owner, people } = family
  const wallet = await givenAccount(owner)
  const spend = { type: 'expense' as const, account_id: wallet.id, currency: 'EUR' }
  const idempotencyKey = randomUUID()
  for (let turn = 0; turn < 2; turn++)
    await owner.ledger.call('submitTransaction', { body: { ...spend, amount: '1.00' }, idempotencyKey })
  const waiting = { ...spend, amount: '500.00' }
  const { status } = await people['member']!.ledger.call('submitTransaction', { body: waiting })
  expect(status).toBe('pending_approval')
  await owner.audit.call('verifyAudit')
}

async function look(): Promise<void> {
  scrape = { families: new Map(), samples: [] }
  const origins = [...Object.values(house.opsUrls), ...bots.map(({ opsUrl }) => opsUrl)]
  for (const origin of origins) parseMetrics(await (await fetch(`${origin}/metrics`)).text(), scrape)
}

beforeAll(async () => {
  house = await startHouse({ services: ['auth', 'ledger', 'audit', 'gateway'] })
  const logger = createLogger('bot', 'silent')
  const webhook = {
    TELEGRAM_WEBHOOK_URL: 'http://127.0.0.1:9/updates',
    TELEGRAM_WEBHOOK_SECRET: house.env['BOT_CLIENT_SECRET']!,
    WEBHOOK_PORT: '0',
  }
  const settings = [
    { ...house.env, ...botSettings },
    { ...house.env, ...botSettings, ...webhook },
  ]
  bots = await Promise.all(settings.map((env) => startBot(loadConfig(env), logger)))
  family = await givenFamily(house, ['member'])
  await refusals()
  await movements()
  await look()
}, 60_000)
afterAll(async () => {
  await Promise.all(bots.map((bot) => bot.stop()))
  await house.stop()
})

/** Names of metrics in an expression: words with an underscore that are not its functions or labels. */
const metricsIn = (expression: string) =>
  [
    ...expression
      .replaceAll(/#.*$|"[^"]*"/gm, '')
      .replaceAll(/\b(?:by|on|without) \([^)]*\)/g, '')
      .matchAll(/\b[a-z]+(?:_[a-z0-9]+)+\b(?!\s*[(=!])/g),
  ].map(([name]) => name)

test('what the alerts and the dashboard ask for is what services show', () => {
  const { groups } = parse(read('deploy/prometheus/alerts.yml')) as {
    groups: { rules: { expr: string }[] }[]
  }
  const { panels } = JSON.parse(read('deploy/grafana/dashboards/common-purse.json')) as {
    panels: { targets?: { expr: string }[] }[]
  }
  const expressions = [
    ...groups.flatMap(({ rules }) => rules.map(({ expr }) => expr)),
    ...panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr)),
  ]
  const asked = [...new Set(expressions.flatMap(metricsIn))]
  expect(asked.length).toBeGreaterThan(30)
  const shown = new Set([...scrape.families.keys(), ...scrape.samples.map(({ name }) => name)])
  expect(asked.filter((name) => !shown.has(name))).toEqual([])
})

describe('every metric', () => {
  test('has a help text, and a name that says what it counts', () => {
    expect(scrape.families.size).toBeGreaterThan(60)
    for (const [name, { help, type }] of scrape.families) {
      expect(`${name}: ${help}`).toMatch(/: .{12,}/)
      if (!/^(?:nodejs|process)_/.test(name))
        expect([name, name.endsWith('_total')]).toEqual([name, type === 'counter'])
      expect(name).not.toMatch(/_(?:ms|millis|milliseconds|minutes|hours|days|kb|mb)(?:_|$)/)
    }
  })

  test('names routes, codes and parts, and never a family, a person or an address', () => {
    const { id, owner, people } = family
    const secrets = [id, owner.userId, owner.email, owner.displayName, people['member']!.userId, '127.0.0.1']
    for (const { name, labels } of scrape.samples)
      for (const [label, text] of Object.entries(labels)) {
        expect([name, label, secrets.filter((secret) => text.includes(secret))]).toEqual([name, label, []])
        expect(text).not.toMatch(/[0-9a-f]{8}-[0-9a-f]{4}-/)
      }
  })
})

describe('what happened is counted', () => {
  test('refusals by their code', () => {
    const codes = ['credentials_invalid', 'signature_missing', 'nonce_reused']
    expect(codes.map((code) => valueOf('gateway', 'http_problems_total', { code }))).toEqual([1, 1, 1])
    expect(valueOf('gateway', 'http_problems_total', { code: 'digest_mismatch' })).toBe(0)
    expect(valueOf('auth', 'http_problems_total', { code: 'credentials_invalid' })).toBe(1)
  })

  test('stored answers, what waits for approval, and verified trails', () => {
    expect(valueOf('ledger', 'http_idempotent_replays_total')).toBe(1)
    expect(valueOf('gateway', 'http_idempotent_replays_total')).toBe(1)
    expect(valueOf('ledger', 'ledger_pending_approvals')).toBe(1)
    expect(valueOf('ledger', 'ledger_pending_overdue_seconds')).toBe(0)
    expect(valueOf('audit', 'audit_verifications_total', { outcome: 'intact' })).toBe(1)
    expect(valueOf('audit', 'audit_verifications_total', { outcome: 'broken' })).toBe(0)
  })

  test('whether each part works, by real use', async () => {
    const checks = ['postgres', 'postgres_writes', 'nats', 'outbox']
    const working = () =>
      ['auth', 'ledger', 'audit'].flatMap((service) => [
        valueOf(service, 'database_writable'),
        ...checks.map((check) => valueOf(service, 'readiness_check_ok', { check })),
      ])
    await eventually(look, () => working().every((value) => value === 1))
    expect(valueOf('bot', 'readiness_check_ok', { check: 'telegram' })).toBe(0)
    for (const upstream of ['auth', 'ledger', 'audit'])
      expect(valueOf('gateway', 'gateway_breaker_open', { upstream })).toBe(0)
  })
})
