import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import pg from 'pg'
import { createStopStack } from '../../libs/kit/src/stop-stack.ts'
import { eventually } from '../support/eventually.ts'
import { type Family, givenAccount, givenFamily } from '../support/given.ts'
import { type OtlpReceiver, type ReceivedSpan, startOtlpReceiver } from '../support/otlp-receiver.ts'
import { type ServiceProcess, startServiceProcess } from '../support/service-process.ts'
import { testEnvironment } from '../support/settings.ts'
import { cloneDatabase } from '../support/test-database.ts'

const opened = createStopStack()
const logged: Record<string, unknown>[] = []
let collector: OtlpReceiver
let sql: pg.Client
let ledger: ServiceProcess
let family: Family
let gatewayUrl: string

beforeAll(async () => {
  collector = await startOtlpReceiver()
  opened.push(collector.stop)
  const database = await cloneDatabase()
  opened.push(database.drop)
  sql = new pg.Client({ connectionString: database.adminUrl })
  await sql.connect()
  opened.push(() => sql.end())
  const env = {
    ...testEnvironment(),
    LOG_LEVEL: 'debug',
    DRAIN_SECONDS: '0',
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
    OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
    OTEL_BSP_SCHEDULE_DELAY: '50',
  }
  const start = async (name: Parameters<typeof startServiceProcess>[0], own: Record<string, string>) => {
    const onLog = (line: string) => void logged.push(JSON.parse(line) as Record<string, unknown>)
    const service = await startServiceProcess(name, { ...env, ...own }, onLog)
    opened.push(service.stop)
    return service
  }
  const auth = await start('auth', { DATABASE_URL: database.urlOf('auth') })
  const JWKS_URL = `${auth.url}/.well-known/jwks.json`
  const [ledgerService, audit] = await Promise.all(
    (['ledger', 'audit'] as const).map((name) =>
      start(name, { DATABASE_URL: database.urlOf(name), JWKS_URL }),
    ),
  )
  ledger = ledgerService!
  const gateway = await start('gateway', {
    JWKS_URL,
    REVOCATIONS_URL: `${auth.opsUrl}/revocations`,
    AUTH_URL: auth.url,
    LEDGER_URL: ledger.url,
    AUDIT_URL: audit!.url,
  })
  gatewayUrl = gateway.url
  const urls = { gateway: gateway.url, auth: auth.url, ledger: ledger.url, audit: audit!.url }
  family = await givenFamily({ urls }, ['child'])
}, 120_000)
afterAll(() => opened.stop())
/** The spans of a trace, once one of them has this name. */
const traceWith = async (name: string, of: (span: ReceivedSpan) => boolean = () => true) => {
  const found = () => Promise.resolve(collector.spans.find((span) => span.name === name && of(span)))
  const { traceId } = (await eventually(found, (span) => span !== undefined, 20_000))!
  return () => collector.spans.filter((span) => span.traceId === traceId)
}

/** `service name` of a span and of all above it, from the bottom up. */
function pathUp(spans: ReceivedSpan[], bottom: ReceivedSpan): string[] {
  const parent = spans.find(({ spanId }) => spanId === bottom.parentSpanId)
  return [`${bottom.service} ${bottom.name}`, ...(parent ? pathUp(spans, parent) : [])]
}

describe('traces, as a collector receives them', () => {
  test('one trace goes from the gateway through the ledger and the bus to the trail', async () => {
    const wallet = await givenAccount(family.owner)
    // What comes after it is alone in its batch, whose statements are in the trace of the first.
    await traceWith('process ledger.account.created.v1', ({ service }) => service === 'audit')
    const posted = await family.owner.ledger.call('submitTransaction', {
      body: {
        type: 'expense',
        account_id: wallet.id,
        amount: '2.50',
        currency: 'EUR',
        description: 'tea-leaves',
      },
    })
    const spansOf = await traceWith(
      'process ledger.transaction.posted.v1',
      ({ service }) => service === 'audit',
    )
    const insert = await eventually(
      () =>
        Promise.resolve(
          spansOf().find(({ name }) => name.startsWith('INSERT') && name.includes('event_log')),
        ),
      (span) => span !== undefined,
    )
    const statement = await eventually(
      () => Promise.resolve(spansOf().find(({ name }) => name === 'CALL post_transactions')),
      (span) => span !== undefined,
    )
    const request = ['ledger POST /api/v1/transactions', 'gateway POST', 'gateway POST /api/v1/transactions']
    await eventually(
      () => Promise.resolve(pathUp(spansOf(), insert!)),
      (path) => path.length === 6,
    )
    expect(pathUp(spansOf(), insert!)).toEqual([
      expect.stringMatching(/^audit INSERT .*event_log$/),
      'audit process ledger.transaction.posted.v1',
      'ledger send ledger.transaction.posted.v1',
      ...request,
    ])
    expect(pathUp(spansOf(), statement!)).toEqual([
      'ledger CALL post_transactions',
      'ledger post transactions',
      ...request,
    ])
    const { rows } = await sql.query<{ trace_id: string }>(
      `SELECT trace_id FROM audit.event_log WHERE entity_id = $1`,
      [posted.id],
    )
    expect(rows).toEqual([{ trace_id: insert!.traceId }])
    const inLogs = () =>
      Promise.resolve(
        logged.flatMap((line) => (line['trace_id'] === insert!.traceId ? [line['service']] : [])),
      )
    await eventually(inLogs, (names) => ['gateway', 'ledger', 'audit'].every((name) => names.includes(name)))
  })

  test('signing in has its statements in its trace, and a trace that came in goes on', async () => {
    const traceId = '4bf92f3577b34da6a3ce929d0e0e4736'
    const { email, password } = family.owner
    const answer = await fetch(`${gatewayUrl}/api/v1/auth/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', traceparent: `00-${traceId}-00f067aa0ba902b7-01` },
      body: JSON.stringify({ email, password }),
    })
    expect(answer.status).toBe(200)
    const spansOf = await traceWith('POST /api/v1/auth/login', (span) => span.service === 'gateway')
    expect(spansOf()[0]!.traceId).toBe(traceId)
    const inAuth = () =>
      Promise.resolve(spansOf().flatMap(({ service, name }) => (service === 'auth' ? [name] : [])))
    const names = await eventually(inAuth, (found) => found.includes('POST /api/v1/auth/login'))
    expect(names).toEqual(expect.arrayContaining([expect.stringMatching(/^SELECT/), 'hash password']))
  })

  test('what is refused has its trace: the problem names it, and so does the log of who could not answer', async () => {
    const refusal = await family.people['child']!.audit.send({
      method: 'GET',
      target: '/api/v1/audit/access',
    })
    const { trace_id: refused } = refusal.body as { trace_id: string }
    await traceWith('GET /api/v1/audit/access', (span) => span.traceId === refused)
    await ledger.kill()
    const failure = await family.owner.ledger.send({ method: 'GET', target: '/api/v1/accounts' })
    const { trace_id: failed } = failure.body as { trace_id: string }
    expect({ refused: refusal.status, failed: failure.status }).toEqual({ refused: 403, failed: 503 })
    const spansOf = await traceWith('GET /api/v1/accounts', (span) => span.traceId === failed)
    expect(spansOf().find(({ name }) => name === 'GET /api/v1/accounts')!.attributes).toMatchObject({
      'http.route': '/api/v1/accounts',
      'error.type': 'upstream_unavailable',
    })
    await eventually(
      () => Promise.resolve(logged.find((line) => line['trace_id'] === failed)),
      (line) => line?.['service'] === 'gateway',
    )
  })

  test('nothing secret and nothing of a person is sent to the collector', () => {
    const { session, email, password } = family.owner
    const text = collector.text()
    expect(collector.spans.length).toBeGreaterThan(50)
    for (const secret of [session.access_token, session.refresh_token, session.signing_key.secret, password])
      expect(text).not.toContain(secret)
    for (const personal of [email, 'Olga', 'tea-leaves', family.id, session.user.id, 'The Tests'])
      expect(text).not.toContain(personal)
  })
})
