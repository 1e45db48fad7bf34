import { randomUUID } from 'node:crypto'
import type { DomainEvent } from '@common-purse/contracts'
import { type Bus, openBus } from '@common-purse/kit/bus'
import { createLogger } from '@common-purse/kit/logger'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import pg from 'pg'
import { eventually } from '../../../tests/support/eventually.ts'
import { type House, startHouse } from '../../../tests/support/house.ts'
import { runTool } from '../../../tests/support/run-tool.ts'

let house: House
let bus: Bus
let admin: pg.Client
let closeBus: () => Promise<void>
beforeAll(async () => {
  house = await startHouse({ services: ['ledger'] })
  const { NATS_URL, NATS_PREFIX } = house.env as { NATS_URL: string; NATS_PREFIX: string }
  const link = openBus({ NATS_URL, NATS_PREFIX, NATS_REPLICAS: 1 }, 'test', createLogger('test', 'silent'))
  closeBus = link.stop
  bus = await link.ready
  admin = new pg.Client({ connectionString: house.database.adminUrl, options: '-c search_path=ledger' })
  await admin.connect()
})
afterAll(async () => {
  await admin.end()
  await closeBus()
  await house.stop()
})

/** A member who joins, as the auth service tells it. */
function joining(given: { display_name?: string; role?: string } = {}): DomainEvent {
  const [family_id, user_id] = [randomUUID(), randomUUID()]
  return {
    specversion: '1.0',
    id: randomUUID(),
    source: '/auth',
    type: 'auth.member.joined.v1',
    subject: user_id,
    time: new Date().toISOString(),
    datacontenttype: 'application/json',
    data: {
      entity_type: 'member',
      entity_id: `${family_id}:${user_id}`,
      version: 1,
      old_values: null,
      new_values: { family_id, user_id, display_name: 'Ann', role: 'adult', ...given },
    },
    familyid: family_id,
  }
}

const publish = (payload: string) => bus.js.publish(bus.subject('auth.member.joined.v1'), payload)
const isKnown = async ({ familyid }: DomainEvent) =>
  (await admin.query('SELECT FROM members WHERE family_id = $1', [familyid])).rowCount === 1
const becomesKnown = (event: DomainEvent) =>
  eventually(
    () => isKnown(event),
    (known) => known,
  )
const keptAside = async () => {
  const { rows } = await admin.query<{ kind: string; resolved: boolean }>(
    'SELECT kind, resolved_at IS NOT NULL AS resolved FROM unreadable_events ORDER BY id',
  )
  return rows
}

test('what the ledger cannot use of members is kept aside, holds nobody up, and can be processed later', async () => {
  await admin.query(`ALTER TABLE members ADD CONSTRAINT no_zoe CHECK (display_name <> 'Zoe')`)
  const [zoe, after] = [joining({ display_name: 'Zoe' }), joining()]
  await publish('\0')
  await publish(JSON.stringify(joining({ role: 'king' })))
  await publish(JSON.stringify(zoe))
  await publish(JSON.stringify(after))
  await becomesKnown(after)
  const rows = await eventually(keptAside, ({ length }) => length === 3, 30_000)
  expect(rows.map(({ kind }) => kind).toSorted()).toEqual(['content', 'failing', 'unreadable'])
  const text = await (await fetch(`${house.opsUrls.ledger}/metrics`)).text()
  expect(text).toMatch(/^unreadable_events\{.*\} 3$/m)

  await admin.query('ALTER TABLE members DROP CONSTRAINT no_zoe')
  expect(await isKnown(zoe)).toBe(false)
  const database = { DATABASE_URL: house.database.urlOf('ledger') }
  const replayed = await runTool('replay-unreadable', ['--all', '--service', 'ledger'], database)
  expect(replayed.text).toContain('1 processed, 2 still wrong')
  expect(await isKnown(zoe)).toBe(true)
  expect((await keptAside()).filter(({ resolved }) => resolved)).toHaveLength(1)
}, 120_000)
