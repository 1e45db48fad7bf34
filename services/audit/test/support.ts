import { generateKeyPairSync, randomUUID } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import {
  type AuditEvent,
  type DomainEvent,
  type EventAction,
  eventType,
  type Role,
} from '@common-purse/contracts'
import { type Bus, openBus } from '@common-purse/kit/bus'
import { createLogger } from '@common-purse/kit/logger'
import { createStopStack } from '@common-purse/kit/stop-stack'
import { SignJWT } from 'jose'
import pg from 'pg'
import { type House, startHouse } from '../../../tests/support/house.ts'

export interface Person {
  userId: string
  familyId: string
  role: Role
}

interface Answer {
  status: number
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- tests look at whatever came back
  body: any
}

export interface AuditHouse {
  house: House
  bus: Bus
  admin: pg.Client
  /** Where the public keys of {@link AuditHouse.token} are. */
  jwksUrl: string
  /** Signs an access token for a person. */
  token(person: Person): Promise<string>
  get(path: string, person?: Person): Promise<Answer>
  /** Puts bytes on the bus as they are. */
  publishRaw(subject: string, payload: string): Promise<void>
  publish(...events: DomainEvent[]): Promise<void>
  stop(): Promise<void>
}

export const newPerson = (role: Role, familyId: string = randomUUID()): Person => ({
  userId: randomUUID(),
  familyId,
  role,
})

/** An event as a service would emit it. */
export function newEvent(
  familyId: string,
  given: Partial<DomainEvent> & { action?: EventAction } = {},
): DomainEvent {
  const { action = 'account.created', ...rest } = given
  const entityId = randomUUID()
  return {
    specversion: '1.0',
    id: randomUUID(),
    source: '/ledger',
    type: eventType(action),
    subject: entityId,
    time: new Date().toISOString(),
    datacontenttype: 'application/json',
    data: {
      entity_type: 'account',
      entity_id: entityId,
      version: 1,
      old_values: null,
      new_values: { name: 'Wallet' },
    },
    familyid: familyId,
    ...rest,
  }
}

/** Asks until the answer is there; nothing here waits for a fixed time. */
export async function until<Value>(
  look: () => Promise<Value | undefined | false>,
  what: string,
  milliseconds = 10_000,
): Promise<Value> {
  for (const end = Date.now() + milliseconds; Date.now() < end;) {
    const value = await look()
    if (value !== undefined && value !== false) return value
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  throw new Error(`Waited ${milliseconds} ms in vain: ${what}`)
}

/** A real audit service, with the keys of an auth service that only publishes them. */
export async function startAuditHouse(env: Record<string, string> = {}): Promise<AuditHouse> {
  const stack = createStopStack()
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  const jwks = JSON.stringify({
    keys: [{ ...publicKey.export({ format: 'jwk' }), kid: 'test', alg: 'EdDSA', use: 'sig' }],
  })
  const keys = createServer((_req, res) => res.setHeader('content-type', 'application/json').end(jwks))
  await new Promise<void>((resolve) => keys.listen(0, '127.0.0.1', resolve))
  stack.push(() => (keys.closeAllConnections(), void keys.close()))
  const jwksUrl = `http://127.0.0.1:${(keys.address() as AddressInfo).port}/jwks.json`

  const house = await startHouse({ services: ['audit'], env: { JWKS_URL: jwksUrl, ...env } })
  stack.push(house.stop)
  const admin = new pg.Client({ connectionString: house.database.adminUrl, options: '-c search_path=audit' })
  await admin.connect()
  stack.push(() => admin.end())
  const settings = {
    NATS_URL: house.env['NATS_URL']!,
    NATS_PREFIX: house.env['NATS_PREFIX']!,
    NATS_REPLICAS: 1,
  }
  const link = openBus(settings, 'test', createLogger('test', 'silent'))
  stack.push(link.stop)
  const bus = await link.ready

  const token = ({ userId, familyId, role }: Person) =>
    new SignJWT({ sid: randomUUID(), fam: familyId, role, mver: 1, client: 'api' })
      .setProtectedHeader({ alg: 'EdDSA', typ: 'at+jwt', kid: 'test' })
      .setIssuer('common-purse')
      .setAudience('common-purse-api')
      .setSubject(userId)
      .setIssuedAt()
      .setExpirationTime('15m')
      .setJti(randomUUID())
      .sign(privateKey)
  const get = async (path: string, person?: Person): Promise<Answer> => {
    const headers = person ? { authorization: `Bearer ${await token(person)}` } : {}
    const answer = await fetch(`${house.urls.audit}/api/v1${path}`, { headers })
    return { status: answer.status, body: await answer.json() }
  }
  const publishRaw = async (subject: string, payload: string) =>
    void (await bus.js.publish(bus.subject(subject), payload))
  const publish = async (...events: DomainEvent[]) =>
    void (await Promise.all(events.map((event) => publishRaw(event.type, JSON.stringify(event)))))
  return { house, bus, admin, jwksUrl, token, get, publishRaw, publish, stop: stack.stop }
}

/** Waits until a family's trail holds `count` entries, and answers them, oldest first. */
export const entriesOf = ({ admin }: AuditHouse, familyId: string, count: number) =>
  until(async () => {
    const { rows } = await admin.query('SELECT * FROM event_log WHERE family_id = $1 ORDER BY seq', [
      familyId,
    ])
    return rows.length >= count && rows
  }, `${count} entries in the trail`)

/** A family's trail with `count` entries of one person. */
export async function givenTrail(audit: AuditHouse, count: number, person: Person = newPerson('owner')) {
  const events = Array.from({ length: count }, () => newEvent(person.familyId, { actorid: person.userId }))
  for (const event of events) await audit.publish(event)
  await entriesOf(audit, person.familyId, count)
  return { person, events }
}

/** The entries of a page of the trail. */
export const itemsOf = (body: unknown) => (body as { items: AuditEvent[] }).items
