import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import pg from 'pg'
import { type AuditHouse, givenTrail, startAuditHouse } from './support.ts'

let audit: AuditHouse
beforeAll(async () => {
  audit = await startAuditHouse()
})
afterAll(() => audit.stop())

describe('append-only', () => {
  const statements = ['UPDATE event_log SET reason = NULL', 'DELETE FROM event_log', 'TRUNCATE event_log']

  test.each(statements)('nobody, the superuser included, runs %s', async (statement) => {
    await givenTrail(audit, 1)
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
  const { person } = await givenTrail(audit, 2)
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
