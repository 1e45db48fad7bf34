import { afterAll, beforeAll, expect, test } from '@jest/globals'
import * as fc from 'fast-check'
import {
  type AuditHouse,
  entriesOf,
  itemsOf,
  newEvent,
  newPerson,
  type Person,
  startAuditHouse,
} from './support.ts'

const ENTRIES = 12

let audit: AuditHouse
beforeAll(async () => {
  audit = await startAuditHouse()
})
afterAll(() => audit.stop())

/** Sixty families' trails are written at once; each property takes the next one. */
const unused: Person[] = []
async function nextTrail(): Promise<Person> {
  if (unused.length === 0) {
    const people = Array.from({ length: 60 }, () => newPerson('owner'))
    for (let n = 0; n < ENTRIES; n++) await audit.publish(...people.map((person) => fullEvent(person, n)))
    for (const person of people) {
      await entriesOf(audit, person.familyId, ENTRIES)
      unused.push(person)
    }
  }
  return unused.pop()!
}

/** An event with every attribute that an entry can have. */
const fullEvent = ({ familyId, userId }: Person, n: number) =>
  newEvent(familyId, {
    actorid: userId,
    sessionid: crypto.randomUUID(),
    requestid: `request-${n}`,
    traceparent: `00-${'4bf92f3577b34da6a3ce929d0e0e4736'}-00f067aa0ba902b7-01`,
    reason: `reason ${n}`,
    ip: '192.0.2.1',
    client: 'web',
    data: {
      entity_type: 'account',
      entity_id: crypto.randomUUID(),
      version: 1,
      old_values: { name: `Old ${n}`, limit: null },
      new_values: { name: `New ${n}`, shared_with: [userId], open: true, n },
    },
  })

/** Another value for each column that the hash covers. `version` is made of the entries, see docs/TRAIL.md. */
const columns = {
  event_id: 'gen_random_uuid()',
  action: `'account.closed'`,
  actor_id: 'gen_random_uuid()',
  entity_type: `entity_type || 's'`,
  entity_id: `reverse(entity_id)`,
  occurred_at: `occurred_at + interval '1 millisecond'`,
  recorded_at: `recorded_at - interval '1 millisecond'`,
  old_values: `old_values || '{"limit": 0}'`,
  new_values: `jsonb_set(new_values, '{shared_with}', '[]')`,
  reason: 'NULL',
  ip: `'192.0.2.2'`,
  client: `'api'`,
  session_id: 'NULL',
  request_id: `request_id || ' '`,
  trace_id: 'upper(trace_id)',
  prev_hash: `repeat('0', 63) || '1'`,
  hash: `repeat('0', 63) || '1'`,
} as const
type Column = keyof typeof columns

type Tampering =
  | { kind: 'change'; column: Column; seq: number }
  | { kind: 'remove'; seq: number; count: number }
  | { kind: 'repeat' | 'insert'; seq: number }
  | { kind: 'swap'; seq: number; other: number }
  | { kind: 'renumber'; seq: number }
  | { kind: 'head back'; seq: number }

const place = fc.integer({ min: 1, max: ENTRIES })
const tamperings: fc.Arbitrary<Tampering> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('change' as const),
      column: fc.constantFrom(...(Object.keys(columns) as Column[])),
      seq: place,
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('remove' as const),
      seq: place,
      count: fc.integer({ min: 1, max: 4 }),
    }),
  },
  fc.record({ kind: fc.constantFrom('repeat' as const, 'insert' as const), seq: place }),
  fc
    .record({ kind: fc.constant('swap' as const), seq: place, other: place })
    .filter(({ seq, other }) => seq < other),
  fc.record({ kind: fc.constant('renumber' as const), seq: place }),
  fc.record({ kind: fc.constant('head back' as const), seq: fc.integer({ min: 0, max: ENTRIES - 1 }) }),
)

const family = 'family_id = $1'
/** Moves all entries after a place, by way of numbers that none has. */
const shift = (by: number) => [
  `UPDATE event_log SET seq = seq + 1000 WHERE ${family} AND seq > $2`,
  `UPDATE event_log SET seq = seq - 1000 + ${by} WHERE ${family} AND seq > 1000 AND $2::int IS NOT NULL`,
]
const copyAfter = (hash: string) =>
  `INSERT INTO event_log SELECT family_id, seq + 1, gen_random_uuid(), action, actor_id, entity_type, entity_id, version,
     occurred_at, recorded_at, old_values, new_values, reason, ip, client, session_id, request_id, trace_id, ${hash}
   FROM event_log WHERE ${family} AND seq = $2`

/** The statements, and the first entry that is not as it was written. */
function planOf(tampering: Tampering): { statements: string[]; seq: number; brokenSeq: number } {
  const { seq } = tampering
  switch (tampering.kind) {
    case 'change': {
      const { column } = tampering
      const statement = `UPDATE event_log SET ${column} = ${columns[column]} WHERE ${family} AND seq = $2`
      return { statements: [statement], seq, brokenSeq: seq }
    }
    case 'remove':
      return {
        statements: [`DELETE FROM event_log WHERE ${family} AND seq >= $2 AND seq < $2 + ${tampering.count}`],
        seq,
        brokenSeq: seq,
      }
    case 'repeat':
      return { statements: [...shift(1), copyAfter('prev_hash, hash')], seq, brokenSeq: seq + 1 }
    case 'insert':
      return { statements: [...shift(1), copyAfter(`hash, repeat('a', 64)`)], seq, brokenSeq: seq + 1 }
    case 'swap':
      return {
        statements: [
          `UPDATE event_log SET seq = CASE seq WHEN $2 THEN 2000 ELSE 3000 END WHERE ${family} AND seq IN ($2, ${tampering.other})`,
          `UPDATE event_log SET seq = CASE seq WHEN 2000 THEN ${tampering.other} ELSE $2 END WHERE ${family} AND seq > 1000`,
        ],
        seq,
        brokenSeq: seq,
      }
    case 'renumber':
      return {
        statements: shift(1).map((text) => text.replace('seq > $2', 'seq >= $2')),
        seq,
        brokenSeq: seq,
      }
    case 'head back':
      return {
        statements: [
          `UPDATE chain_heads SET seq = $2, hash = coalesce(
             (SELECT hash FROM event_log WHERE ${family} AND seq = $2), repeat('0', 64)) WHERE ${family}`,
        ],
        seq,
        brokenSeq: seq + 1,
      }
  }
}

test('whatever somebody changes past the service, the first entry that is not as it was written is named', async () => {
  await fc.assert(
    fc.asyncProperty(tamperings, async (tampering) => {
      const person = await nextTrail()
      const { statements, seq, brokenSeq } = planOf(tampering)
      await audit.admin.query('ALTER TABLE event_log DISABLE TRIGGER event_log_append_only')
      for (const statement of statements) await audit.admin.query(statement, [person.familyId, seq])
      await audit.admin.query('ALTER TABLE event_log ENABLE ALWAYS TRIGGER event_log_append_only')
      expect((await audit.get('/audit/verify', person)).body).toMatchObject({
        intact: false,
        first_broken_seq: brokenSeq,
      })
    }),
    { numRuns: 60 },
  )
}, 120_000)

test.each(Object.keys(columns) as Column[])(
  'a change of %s is found in the first entry and in the last',
  async (column) => {
    for (const seq of [1, ENTRIES]) {
      const person = await nextTrail()
      await audit.admin.query('ALTER TABLE event_log DISABLE TRIGGER event_log_append_only')
      const { rowCount } = await audit.admin.query(
        `UPDATE event_log SET ${column} = ${columns[column]} WHERE ${family} AND seq = $2`,
        [person.familyId, seq],
      )
      await audit.admin.query('ALTER TABLE event_log ENABLE ALWAYS TRIGGER event_log_append_only')
      expect(rowCount).toBe(1)
      expect((await audit.get('/audit/verify', person)).body).toMatchObject({ first_broken_seq: seq })
    }
  },
)

/** Values that the database keeps and that an entry cannot say. */
test.each([
  ['occurred_at', `'infinity'`],
  ['recorded_at', `'-infinity'`],
  ['recorded_at', `'290000-01-01'`],
  ['new_values', `'{"n":1e400}'`],
] as const)('what no service could have written is found too: %s = %s', async (column, value) => {
  const person = await nextTrail()
  await audit.admin.query('ALTER TABLE event_log DISABLE TRIGGER event_log_append_only')
  await audit.admin.query(`UPDATE event_log SET ${column} = ${value} WHERE ${family} AND seq = $2`, [
    person.familyId,
    7,
  ])
  await audit.admin.query('ALTER TABLE event_log ENABLE ALWAYS TRIGGER event_log_append_only')
  expect((await audit.get('/audit/verify', person)).body).toMatchObject({
    intact: false,
    first_broken_seq: 7,
  })
  const { status, body } = await audit.get('/audit/events', person)
  expect({ status, seqs: itemsOf(body).map(({ seq }) => seq) }).toEqual({
    status: 200,
    seqs: Array.from({ length: ENTRIES }, (_, n) => ENTRIES - n),
  })
  const { id } = itemsOf(body).find(({ seq }) => seq === 7)!
  expect(await audit.get(`/audit/events/${id}`, person)).toMatchObject({ status: 200, body: { seq: 7 } })
})

test('every column is tried', async () => {
  const { rows } = await audit.admin.query<{ name: string }>(
    `SELECT column_name AS name FROM information_schema.columns
     WHERE table_schema = 'audit' AND table_name = 'event_log' ORDER BY name`,
  )
  const others = ['family_id', 'seq', 'version'] // `seq` is renumbered, `family_id` takes an entry to another chain
  expect(rows.map(({ name }) => name)).toEqual([...Object.keys(columns), ...others].toSorted())
})

test('an entry that was moved to another family is missing here, and one too many there', async () => {
  const [mine, theirs] = [await nextTrail(), await nextTrail()]
  await audit.admin.query('ALTER TABLE event_log DISABLE TRIGGER event_log_append_only')
  await audit.admin.query(
    `UPDATE event_log SET family_id = $2, seq = ${ENTRIES + 1} WHERE ${family} AND seq = 5`,
    [mine.familyId, theirs.familyId],
  )
  await audit.admin.query('ALTER TABLE event_log ENABLE ALWAYS TRIGGER event_log_append_only')
  expect((await audit.get('/audit/verify', mine)).body).toMatchObject({ first_broken_seq: 5 })
  expect((await audit.get('/audit/verify', theirs)).body).toMatchObject({ first_broken_seq: ENTRIES + 1 })
})
