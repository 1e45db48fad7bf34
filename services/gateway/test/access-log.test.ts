import { connect } from 'node:net'
import { AccessBatch, accessSubject } from '@common-purse/contracts'
import { type Bus, type BusLink, openBus } from '@common-purse/kit/bus'
import { createLogger } from '@common-purse/kit/logger'
import { DeliverPolicy } from '@nats-io/jetstream'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { required } from '../../../tests/support/settings.ts'
import { type GatewayHouse, startGatewayHouse, until } from './support/gateway-house.ts'
import { startTcpProxy, type TcpProxy } from './support/tcp-proxy.ts'

type Line = AccessBatch['lines'][number]

let house: GatewayHouse
let proxy: TcpProxy
let link: BusLink
let bus: Bus
const lines: Line[] = []
const raw: string[] = []

beforeAll(async () => {
  const target = new URL(required('TEST_NATS_URL'))
  proxy = await startTcpProxy({ host: target.hostname, port: Number(target.port) })
  const through = new URL(target)
  through.hostname = '127.0.0.1'
  through.port = String(proxy.port)
  house = await startGatewayHouse({ NATS_URL: through.href })
  link = openBus(
    { NATS_URL: target.href, NATS_PREFIX: house.config.NATS_PREFIX, NATS_REPLICAS: 1 },
    'test',
    createLogger('test', 'silent'),
  )
  bus = await link.ready
  const consumer = await bus.js.consumers.get(bus.stream('ACCESS_LOG'), {
    deliver_policy: DeliverPolicy.All,
    filter_subjects: bus.subject(accessSubject),
  })
  const messages = await consumer.consume()
  void (async () => {
    for await (const message of messages) {
      raw.push(message.string())
      lines.push(...AccessBatch.parse(message.json()).lines)
    }
  })()
})
afterAll(async () => {
  await house.stop()
  await link.stop()
  await proxy.stop()
})

const lineOf = async (requestId: string | null): Promise<Line> => {
  await until(() => lines.some((line) => line.request_id === requestId), 20_000)
  return lines.find((line) => line.request_id === requestId)!
}

test('has who, what, when and how it ended; no query, no token, no body', async () => {
  const person = await house.mint({ role: 'child' })
  const answer = await house.send('/api/v1/accounts?limit=7&cursor=secret', { person })
  const line = await lineOf(answer.headers.get('x-request-id'))
  expect(line).toMatchObject({
    method: 'GET',
    route: '/api/v1/accounts',
    status: 200,
    code: null,
    user_id: person.userId,
    family_id: person.familyId,
    client: 'api',
    ip: '127.0.0.1',
  })
  expect(line.duration_ms).toBeGreaterThan(0)
  expect(Math.abs(Date.parse(line.at) - Date.now())).toBeLessThan(60_000)
  expect(raw.join()).not.toContain('secret')
  expect(raw.join()).not.toContain(person.token)
})

test('names the problem, our own and that of a service', async () => {
  const unknown = await house.send('/api/v1/nothing/12345')
  expect(await lineOf(unknown.headers.get('x-request-id'))).toMatchObject({
    route: 'none',
    status: 404,
    code: 'not_found',
    user_id: null,
  })
  house.upstream.answerWith((_req, res) => {
    res.writeHead(409, { 'x-problem-code': 'account_closed' })
    res.end()
  })
  const refused = await house.send('/api/v1/accounts/7', { person: await house.mint() })
  house.upstream.answerWith()
  expect(await lineOf(refused.headers.get('x-request-id'))).toMatchObject({
    route: '/api/v1/accounts/{id}',
    status: 409,
    code: 'account_closed',
  })
})

test('knows who tried in vain, and a client that went away', async () => {
  const person = await house.mint({ role: 'read_only' })
  const denied = await house.send('/api/v1/transactions', {
    method: 'POST',
    body: '{}',
    person,
    idempotencyKey: 'k',
  })
  expect(await lineOf(denied.headers.get('x-request-id'))).toMatchObject({
    code: 'permission_denied',
    user_id: person.userId,
  })
  house.upstream.answerWith(() => undefined)
  const { hostname, port } = new URL(house.url)
  const socket = connect(Number(port), hostname, () =>
    socket.write(`GET /api/v1/accounts HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${person.token}\r\n\r\n`),
  )
  await until(() => house.upstream.received.at(-1)?.headers['authorization'] === `Bearer ${person.token}`)
  socket.destroy()
  house.upstream.answerWith()
  await until(() => lines.some((line) => line.status === 499 && line.user_id === person.userId))
})

test('has a line as soon as the head of an answer is there, however long its body is', async () => {
  const person = await house.mint()
  let end: () => void = () => undefined
  house.upstream.answerWith((_req, res) => {
    res.writeHead(200, { 'content-type': 'text/csv' })
    res.write('a,b')
    end = () => res.end()
  })
  const answer = await fetch(`${house.url}/api/v1/exports/transactions.csv`, {
    headers: { authorization: `Bearer ${person.token}` },
  })
  house.upstream.answerWith()
  expect(await lineOf(answer.headers.get('x-request-id'))).toMatchObject({ status: 200 })
  end()
  await answer.arrayBuffer()
})

test('loses and doubles nothing while the bus is away, and every request is answered', async () => {
  const ids: (string | null)[] = []
  const call = async () => {
    const { status, headers } = await house.send('/api/v1/nothing')
    expect(status).toBe(404)
    ids.push(headers.get('x-request-id'))
  }
  await call()
  proxy.cut()
  for (let round = 0; round < 30; round++) await Promise.all(Array.from({ length: 10 }, call))
  proxy.heal()
  await until(() => ids.every((id) => lines.some((line) => line.request_id === id)), 15_000)
  for (const id of ids) expect(lines.filter((line) => line.request_id === id)).toHaveLength(1)
}, 60_000)

test('goes on in memory where the disk cannot be written, and says so', async () => {
  const second = await startGatewayHouse({
    NATS_PREFIX: house.config.NATS_PREFIX,
    NATS_URL: house.env['NATS_URL']!,
    ACCESS_SPOOL_DIR: '/dev/full/access-lines',
  })
  await until(async () => (await second.send('/health')).json.services?.['events'] === 'ok')
  proxy.cut()
  const { headers } = await second.send('/api/v1/nothing')
  const metrics = await (await fetch(`${second.opsUrl}/metrics`)).text()
  expect(Number(/^gateway_access_lines_in_memory{.*} (.*)$/m.exec(metrics)?.[1])).toBeGreaterThan(0)
  expect(metrics).toMatch(/^gateway_access_spool_bytes{.*} 0$/m)
  proxy.heal()
  await lineOf(headers.get('x-request-id'))
  await second.stop()
}, 60_000)

test('is flushed when the gateway stops', async () => {
  const second = await startGatewayHouse({ NATS_PREFIX: house.config.NATS_PREFIX })
  const answer = await second.send('/api/v1/nothing')
  await second.stop()
  await lineOf(answer.headers.get('x-request-id'))
})
