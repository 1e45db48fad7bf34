import { createHash, randomUUID } from 'node:crypto'
import type { AuditEvent } from '@common-purse/contracts'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import pg from 'pg'
import { canonical } from './canonical.ts'
import {
  type AuditHouse,
  entriesOf,
  newEvent,
  newPerson,
  type Person,
  startAuditHouse,
  until,
} from './support.ts'

let audit: AuditHouse
beforeAll(async () => {
  audit = await startAuditHouse()
})
afterAll(() => audit.stop())

const itemsOf = (body: unknown) => (body as { items: AuditEvent[] }).items

async function givenTrail(count: number, person: Person = newPerson('owner')) {
  const events = Array.from({ length: count }, () => newEvent(person.familyId, { actorid: person.userId }))
  for (const event of events) await audit.publish(event)
  await entriesOf(audit, person.familyId, count)
  return { person, events }
}

describe('reading the trail', () => {
  test('anybody can check the chain from what the API shows', async () => {
    const { person } = await givenTrail(5)
    const { body } = await audit.get('/audit/events', person)
    let previous = '0'.repeat(64)
    for (const { prev_hash, hash, ...entry } of itemsOf(body).toReversed()) {
      expect(prev_hash).toBe(previous)
      expect(hash).toBe(
        createHash('sha256')
          .update(previous + canonical(entry))
          .digest('hex'),
      )
      previous = hash
    }
    expect(await audit.get('/audit/head', person)).toEqual({ status: 200, body: { seq: 5, hash: previous } })
  })

  test('pages are newest first and stay right while entries are added', async () => {
    const { person } = await givenTrail(7)
    const seqs: number[] = []
    let cursor = ''
    do {
      const { body } = await audit.get(`/audit/events?limit=3${cursor && `&cursor=${cursor}`}`, person)
      seqs.push(...itemsOf(body).map(({ seq }) => seq))
      cursor = body.next_cursor as string
      await givenTrail(1, person)
    } while (cursor)
    expect(seqs).toEqual([7, 6, 5, 4, 3, 2, 1])
  })

  test('filters by actor, action, entity and time', async () => {
    const { person, events } = await givenTrail(2)
    const early = newEvent(person.familyId, { action: 'account.closed', time: '2026-01-01T10:00:00.000Z' })
    await audit.publish(early)
    await entriesOf(audit, person.familyId, 3)
    const ids = async (query: string) =>
      ((await audit.get(`/audit/events?${query}`, person)).body.items as { id: string }[]).map(({ id }) => id)
    expect(await ids('action=account.closed')).toEqual([early.id])
    expect(await ids(`actor_id=${person.userId}`)).toEqual([events[1]!.id, events[0]!.id])
    expect(await ids(`entity_type=account&entity_id=${events[0]!.subject}`)).toEqual([events[0]!.id])
    expect(await ids('from=2026-01-01T10:00:00Z&to=2026-01-01T12:00:00%2B01:00')).toEqual([early.id])
    expect(await ids('to=2026-01-01T10:00:00Z')).toEqual([])
  })

  test('members, children and readers see what they did themselves and nothing else', async () => {
    const { person, events } = await givenTrail(2)
    for (const role of ['member', 'child', 'read_only'] as const) {
      const someone = newPerson(role, person.familyId)
      const own = newEvent(person.familyId, { actorid: someone.userId })
      await audit.publish(own)
      await until(
        async () => (await audit.get(`/audit/events/${own.id}`, someone)).status === 200,
        'their own entry',
      )
      const { body } = await audit.get('/audit/events', someone)
      expect(itemsOf(body).map(({ id }) => id)).toEqual([own.id])
      expect((await audit.get(`/audit/events/${events[0]!.id}`, someone)).status).toBe(404)
      expect((await audit.get(`/audit/events?actor_id=${person.userId}`, someone)).body.items).toEqual([])
    }
    const adult = newPerson('adult', person.familyId)
    expect((await audit.get('/audit/events', adult)).body.items).toHaveLength(5)
  })

  test('another family has an empty trail and finds nothing of ours', async () => {
    const { events } = await givenTrail(2)
    const stranger = newPerson('owner')
    expect((await audit.get('/audit/events', stranger)).body).toEqual({ items: [], next_cursor: null })
    expect(await audit.get(`/audit/events/${events[0]!.id}`, stranger)).toMatchObject({
      status: 404,
      body: { code: 'not_found' },
    })
    expect((await audit.get('/audit/events/1', stranger)).status).toBe(404)
    expect((await audit.get('/audit/head', stranger)).body).toEqual({ seq: 0, hash: '0'.repeat(64) })
    expect((await audit.get('/audit/verify', stranger)).body).toMatchObject({ intact: true, entries: 0 })
  })

  test.each([
    ['cursor=abc', 'cursor'],
    ['cursor=a%20b', 'cursor'],
    ['limit=0', 'limit'],
    ['limit=1e2', 'limit'],
    ['action=account.stolen', 'action'],
    ['actor_id=me', 'actor_id'],
    ['from=yesterday', 'from'],
    ['family_id=x', 'family_id'],
  ])('refuses ?%s and names the field', async (query, field) => {
    const answer = await audit.get(`/audit/events?${query}`, newPerson('owner'))
    expect(answer).toMatchObject({
      status: 400,
      body: {
        code: 'invalid_request',
        errors: expect.arrayContaining([expect.objectContaining({ field })]) as unknown,
      },
    })
  })

  test('nobody reads without a token', async () => {
    for (const path of [
      '/audit/events',
      `/audit/events/${randomUUID()}`,
      '/audit/verify',
      '/audit/head',
      '/audit/export',
    ])
      expect(await audit.get(path)).toMatchObject({ status: 401, body: { code: 'unauthenticated' } })
  })
})

describe('verifying the trail', () => {
  test('each verification is itself an entry', async () => {
    const { person } = await givenTrail(3)
    const first = await audit.get('/audit/verify', person)
    expect(first.body).toMatchObject({ intact: true, entries: 3, head: { seq: 3 }, first_broken_seq: null })
    await entriesOf(audit, person.familyId, 4)
    await audit.get('/audit/verify', person)
    const rows = await entriesOf(audit, person.familyId, 5)
    expect(rows.slice(3)).toMatchObject([
      {
        action: 'audit.verified',
        entity_type: 'chain',
        entity_id: person.familyId,
        version: 1,
        actor_id: person.userId,
      },
      { action: 'audit.verified', version: 2, new_values: { intact: true, entries: 4 } },
    ])
    const { rows: outbox } = await audit.admin.query(
      'SELECT id FROM outbox WHERE family_id = $1 ORDER BY seq',
      [person.familyId],
    )
    expect(outbox.map(({ id }) => id as string)).toEqual(
      rows.slice(3).map(({ event_id }) => event_id as string),
    )
  })

  test('many who verify at once are all answered, and each is on record', async () => {
    const { person } = await givenTrail(3)
    const others = (['adult', 'member', 'child'] as const).map((role) => newPerson(role, person.familyId))
    const answers = await Promise.all(
      Array.from({ length: 24 }, (_, n) => audit.get('/audit/verify', [person, ...others][n % 4])),
    )
    for (const { status, body } of answers) {
      expect(status).toBe(200)
      expect(body).toMatchObject({ intact: true, first_broken_seq: null })
    }
    const rows = (await entriesOf(audit, person.familyId, 27)) as { version: number }[]
    expect(rows.slice(3).map(({ version }) => version)).toEqual(Array.from({ length: 24 }, (_, n) => n + 1))
  })

  const resealed = (familyId: string, seq: number) => async () => {
    // A forger who knows the rules: changes an entry and gives it a hash that fits.
    const { body } = await audit.get('/audit/events', newPerson('owner', familyId))
    const { prev_hash, hash: _hash, ...entry } = itemsOf(body).find(({ seq: itsSeq }) => itsSeq === seq)!
    const forged = createHash('sha256')
      .update(prev_hash + canonical({ ...entry, reason: 'forged' }))
      .digest('hex')
    await audit.admin.query(
      `UPDATE event_log SET reason = 'forged', hash = $3 WHERE family_id = $1 AND seq = $2`,
      [familyId, seq, forged],
    )
  }
  const sql = (text: string) => (familyId: string) => async () =>
    void (await audit.admin.query(text, [familyId]))

  test.each([
    [
      'an altered entry',
      3,
      sql(`UPDATE event_log SET new_values = '{"name":"Safe"}' WHERE family_id = $1 AND seq = 3`),
    ],
    [
      'an altered time',
      2,
      sql(
        `UPDATE event_log SET occurred_at = occurred_at + interval '1 ms' WHERE family_id = $1 AND seq = 2`,
      ),
    ],
    ['a removed entry', 4, sql('DELETE FROM event_log WHERE family_id = $1 AND seq = 4')],
    ['a removed beginning', 1, sql('DELETE FROM event_log WHERE family_id = $1 AND seq <= 2')],
    ['a removed tail', 5, sql('DELETE FROM event_log WHERE family_id = $1 AND seq >= 5')],
    ['everything removed', 1, sql('DELETE FROM event_log WHERE family_id = $1')],
    [
      'a wrong link',
      2,
      sql(`UPDATE event_log SET prev_hash = repeat('1', 64) WHERE family_id = $1 AND seq = 2`),
    ],
    ['an entry with its hash made to fit', 4, (familyId: string) => resealed(familyId, 3)],
    ['the last entry with its hash made to fit', 6, (familyId: string) => resealed(familyId, 6)],
    [
      'an entry added past the head',
      6,
      sql(
        'UPDATE chain_heads SET seq = 5, hash = (SELECT hash FROM event_log WHERE family_id = $1 AND seq = 5) WHERE family_id = $1',
      ),
    ],
  ])('finds %s', async (_, brokenSeq, tamper) => {
    const { person } = await givenTrail(6)
    await audit.admin.query('ALTER TABLE event_log DISABLE TRIGGER event_log_append_only')
    await tamper(person.familyId)()
    await audit.admin.query('ALTER TABLE event_log ENABLE ALWAYS TRIGGER event_log_append_only')
    const { body } = await audit.get('/audit/verify', person)
    expect(body).toMatchObject({ intact: false, first_broken_seq: brokenSeq })
  })
})

describe('append-only', () => {
  const statements = ['UPDATE event_log SET reason = NULL', 'DELETE FROM event_log', 'TRUNCATE event_log']

  test.each(statements)('nobody, the superuser included, runs %s', async (statement) => {
    await givenTrail(1)
    await expect(audit.admin.query(statement)).rejects.toThrow('append-only')
    await audit.admin.query('SET session_replication_role = replica')
    await expect(audit.admin.query(statement)).rejects.toThrow('append-only')
    await audit.admin.query('SET session_replication_role = DEFAULT')
  })

  test.each([
    ...statements,
    'DELETE FROM access_log',
    'UPDATE access_log SET status = 200',
    'DELETE FROM unreadable_events',
    'DELETE FROM chain_heads',
    'DELETE FROM outbox',
    "UPDATE outbox SET payload = '{}'",
    'ALTER TABLE event_log DISABLE TRIGGER ALL',
    'DROP TRIGGER event_log_append_only ON event_log',
    'ALTER TABLE event_log DROP CONSTRAINT event_log_pkey',
    'DROP FUNCTION refuse_change() CASCADE',
    'CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RETURN NULL; END$$',
    'SET session_replication_role = replica',
    "COPY event_log FROM PROGRAM 'echo'",
    "COPY event_log TO '/tmp/event_log'",
    'UPDATE event_log SET reason = NULL WHERE false',
    'INSERT INTO event_log SELECT * FROM event_log ON CONFLICT (event_id) DO UPDATE SET reason = NULL',
    'MERGE INTO event_log AS e USING event_log AS o ON e.event_id = o.event_id WHEN MATCHED THEN DELETE',
    'DROP TABLE event_log',
    'CREATE TABLE mine (x int)',
  ])('the service’s own role may not %s', async (statement) => {
    const own = new pg.Client({ connectionString: audit.house.database.urlOf('audit') })
    await own.connect()
    await expect(own.query(statement)).rejects.toMatchObject({ code: '42501' })
    await own.end()
  })
})

test.each([
  ['in the place of another', { event_id: 'gen_random_uuid()', seq: 'seq' }],
  ['of an event that is there', { event_id: 'event_id', seq: 'seq + 1' }],
])('the service’s own role adds no entry %s', async (_, { event_id, seq }) => {
  const { person } = await givenTrail(2)
  const own = new pg.Client({ connectionString: audit.house.database.urlOf('audit') })
  await own.connect()
  const forged = own.query(
    `INSERT INTO event_log SELECT family_id, ${seq}, ${event_id}, action, actor_id, entity_type, entity_id, version,
       occurred_at, recorded_at, old_values, new_values, reason, ip, client, session_id, request_id, trace_id,
       prev_hash, hash
     FROM event_log WHERE family_id = $1 AND seq = 2`,
    [person.familyId],
  )
  await expect(forged).rejects.toMatchObject({ code: '23505' })
  await own.end()
  expect((await audit.get('/audit/verify', person)).body).toMatchObject({ intact: true, entries: 2 })
})

test('readiness tells of the database and of the bus', async () => {
  const answer = await until(async () => {
    const response = await fetch(`${audit.house.opsUrls.audit}/readyz`)
    const body = (await response.json()) as { checks: { nats: string } }
    return body.checks.nats === 'ok' && { status: response.status, body }
  }, 'the bus')
  expect(answer).toEqual({
    status: 200,
    body: { status: 'ready', checks: { postgres: 'ok', nats: 'ok', outbox: 'ok' } },
  })
})
