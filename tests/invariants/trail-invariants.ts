import type { Invariant } from './invariants.ts'

/*
 * What is always true of events and of the trail, once everything has arrived: SQL over the tables of all services. Each
 * query answers the ids of what breaks it.
 */

const services = ['auth', 'ledger', 'audit'] as const

/** The events of all outboxes, with what the trail must say of each. */
const events = services
  .map(
    (service) =>
      `SELECT '${service}' AS service, id, family_id, entity_type, entity_id, version, subject, published_at,
         payload->>'actorid' AS actor_id, payload->>'requestid' AS request_id, payload->>'reason' AS reason,
         nullif(payload->'data'->'old_values', 'null') AS old_values,
         nullif(payload->'data'->'new_values', 'null') AS new_values FROM ${service}.outbox`,
  )
  .join(' UNION ALL ')

export const keptAsideNothing = 'nothing had to be kept aside'
export const fromAnOutbox = 'each entry of the trail came from an outbox'
export const inOrder = 'the trail tells the versions of an entity in their order'

const eventInvariants: Invariant[] = [
  {
    name: 'I4',
    what: 'nothing waits to be published',
    sql: `SELECT service || ' ' || id AS id FROM (${events}) o WHERE published_at IS NULL`,
  },
  {
    name: 'I4',
    what: 'each event of an outbox is in the trail',
    sql: `SELECT o.service || ' ' || o.id AS id FROM (${events}) o
          WHERE NOT EXISTS (SELECT FROM audit.event_log e WHERE e.event_id = o.id)`,
  },
  {
    name: 'I4',
    what: fromAnOutbox,
    sql: `SELECT e.event_id::text AS id FROM audit.event_log e
          WHERE NOT EXISTS (SELECT FROM (${events}) o WHERE o.id = e.event_id)`,
  },
  {
    name: 'I4',
    what: 'an event is once in the outboxes and once in the trail',
    sql: `SELECT id::text AS id FROM (${events}) o GROUP BY id HAVING count(*) > 1
          UNION SELECT event_id::text FROM audit.event_log GROUP BY event_id HAVING count(*) > 1`,
  },
  {
    name: 'I4',
    what: 'an entry says what its event said',
    sql: `SELECT o.id::text AS id FROM (${events}) o JOIN audit.event_log e ON e.event_id = o.id
          WHERE (e.family_id, e.entity_type, e.entity_id, e.version, o.service || '.' || e.action || '.v1')
              IS DISTINCT FROM (o.family_id, o.entity_type, o.entity_id, o.version, o.subject)
            OR (e.actor_id::text, e.request_id, e.reason, e.old_values, e.new_values)
              IS DISTINCT FROM (o.actor_id, o.request_id, o.reason, o.old_values, o.new_values)`,
  },
  {
    name: 'I4',
    what: keptAsideNothing,
    sql: `SELECT stream || ' ' || stream_seq AS id FROM audit.unreadable_events WHERE resolved_at IS NULL`,
  },
]

/** Tables whose rows count their own events: the rows that take part, and the id that their events carry. */
const counted = [
  { table: 'auth.users', type: 'user', id: 'id::text', where: 'true' },
  { table: 'auth.families', type: 'family', id: 'id::text', where: 'true' },
  { table: 'auth.family_members', type: 'member', id: `family_id || ':' || user_id`, where: 'true' },
  { table: 'auth.sessions', type: 'session', id: 'id::text', where: 'true' },
  { table: 'ledger.accounts', type: 'account', id: 'id::text', where: 'owner_id IS NOT NULL' },
  // An opening balance is told by the account's own event.
  { table: 'ledger.transactions', type: 'transaction', id: 'id::text', where: `type <> 'opening'` },
  { table: 'ledger.categories', type: 'category', id: 'id::text', where: 'true' },
  { table: 'ledger.approval_policies', type: 'policy', id: 'family_id::text', where: 'true' },
  { table: 'audit.chain_heads', type: 'chain', id: 'family_id::text', where: 'version > 0' },
]

const changesWithoutEvent = counted
  .map(({ table, type, id, where }) => {
    const outbox = `${table.split('.', 1)[0]}.outbox`
    return `SELECT '${type} ' || ${id} AS id FROM ${table} r WHERE ${where} AND version IS DISTINCT FROM
      (SELECT max(o.version) FROM ${outbox} o WHERE o.entity_type = '${type}' AND o.entity_id = r.${id.replace('user_id', 'r.user_id')})`
  })
  .join(' UNION ALL ')

const orderInvariants: Invariant[] = [
  { name: 'I4', what: 'each change has its event', sql: changesWithoutEvent },
  ...services.map((service) => ({
    name: 'I5' as const,
    what: `versions in ${service}.outbox are 1..n`,
    sql: `SELECT entity_type || ' ' || entity_id AS id FROM ${service}.outbox GROUP BY entity_type, entity_id
          HAVING min(version) <> 1 OR max(version) <> count(*)`,
  })),
  {
    name: 'I5',
    what: inOrder,
    sql: `SELECT DISTINCT entity_type || ' ' || entity_id AS id FROM (
            SELECT entity_type, entity_id, version, lag(version) OVER (PARTITION BY family_id, entity_type, entity_id
              ORDER BY seq) AS before FROM audit.event_log) e WHERE version <= before`,
  },
]

/** True of a house whose outboxes and streams have run empty. */
export const trailInvariants: Invariant[] = [...eventInvariants, ...orderInvariants]
