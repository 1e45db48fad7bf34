import { randomUUID } from 'node:crypto'
import { type DomainEvent, type EventAction, eventType } from '@common-purse/contracts'
import { type Bus, type BusLink, openBus } from '@common-purse/kit/bus'
import { createLogger } from '@common-purse/kit/logger'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { required } from '../../../tests/support/settings.ts'
import { type GatewayHouse, type Person, startGatewayHouse, until } from './support/gateway-house.ts'
import { startTcpProxy, type TcpProxy } from './support/tcp-proxy.ts'

let house: GatewayHouse
let proxy: TcpProxy
let link: BusLink
let bus: Bus
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
})
afterAll(async () => {
  await house.stop()
  await link.stop()
  await proxy.stop()
})

async function publish(
  action: EventAction,
  person: Person,
  data: Partial<DomainEvent['data']>,
): Promise<void> {
  const event: DomainEvent = {
    specversion: '1.0',
    id: randomUUID(),
    source: '/auth',
    type: eventType(action),
    subject: data.entity_id ?? 'x',
    time: new Date().toISOString(),
    datacontenttype: 'application/json',
    data: { entity_type: 'x', entity_id: 'x', version: 1, old_values: null, new_values: null, ...data },
    familyid: person.familyId,
  }
  await bus.js.publish(bus.subject(event.type), JSON.stringify(event))
}

const ask = async (person: Person, at = house) => {
  const answer = await at.send('/api/v1/accounts', { person, key: false })
  return answer.json.code ?? answer.status
}
/** Two seconds are promised; a machine that is busy with other tests has more. */
const becomesRevoked = (person: Person) => until(async () => (await ask(person)) === 'token_revoked', 10_000)

test('an ended session is refused, others are not', async () => {
  const [person, other] = await Promise.all([house.mint(), house.mint()])
  expect(await ask(person)).toBe(200)
  await publish('session.ended', person, { entity_type: 'session', entity_id: person.sessionId })
  await becomesRevoked(person)
  const answer = await house.send('/api/v1/accounts', { person })
  expect([answer.status, answer.json.code]).toEqual([401, 'token_revoked'])
  expect(await ask(other)).toBe(200)
})

test('a changed role ends the tokens of before, not those of after', async () => {
  const person = await house.mint({ mver: 1 })
  await publish('member.role_changed', person, {
    entity_type: 'member',
    entity_id: `${person.familyId}:${person.userId}`,
    version: 2,
  })
  await becomesRevoked(person)
  const refreshed = await house.mint({
    userId: person.userId,
    familyId: person.familyId,
    sessionId: person.sessionId,
    mver: 2,
  })
  expect(await ask(refreshed)).toBe(200)
  expect(await ask(await house.mint({ userId: person.userId }))).toBe(200)
})

test('an event that nobody can read does not stop the reading', async () => {
  const person = await house.mint()
  await bus.js.publish(bus.subject('auth.session.ended.v1'), 'not json')
  await bus.js.publish(bus.subject('auth.session.ended.v2'), '{}')
  await publish('session.reuse_detected', person, { entity_type: 'session', entity_id: person.sessionId })
  await becomesRevoked(person)
})

test('what happened while the bus was cut off is known when it is back, and so is what comes later', async () => {
  const [person, later] = await Promise.all([house.mint(), house.mint()])
  proxy.cut()
  await publish('session.ended', person, { entity_type: 'session', entity_id: person.sessionId })
  expect(await ask(person)).toBe(200)
  proxy.heal()
  await becomesRevoked(person)
  await publish('session.ended', later, { entity_type: 'session', entity_id: later.sessionId })
  await becomesRevoked(later)
})

test('a bus that has forgotten its readers, as after a restart, is read again from the start', async () => {
  const person = await house.mint()
  for await (const consumer of bus.jsm.consumers.list(bus.stream('AUTH_EVENTS')))
    await bus.jsm.consumers.delete(bus.stream('AUTH_EVENTS'), consumer.name)
  await publish('session.ended', person, { entity_type: 'session', entity_id: person.sessionId })
  await becomesRevoked(person)
})

test('a gateway that was just started knows at its first request', async () => {
  const person = await house.mint()
  await publish('session.ended', person, { entity_type: 'session', entity_id: person.sessionId })
  const second = await startGatewayHouse({
    NATS_PREFIX: house.config.NATS_PREFIX,
    JWKS_URL: house.config.JWKS_URL,
    SIGNATURE_MASTER_SECRETS: house.env['SIGNATURE_MASTER_SECRETS']!,
  })
  try {
    expect(await ask(person, second)).toBe('token_revoked')
  } finally {
    await second.stop()
  }
})
