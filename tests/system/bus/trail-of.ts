import { expect } from '@jest/globals'
import type pg from 'pg'
import { eventually } from '../../support/eventually.ts'
import type { Person } from '../../support/given.ts'

/** What the services wrote for a family, and what the trail has of it. */
const comparison = `
  WITH written AS (
    SELECT id FROM auth.outbox WHERE family_id = $1 UNION ALL SELECT id FROM ledger.outbox WHERE family_id = $1
  ), trail AS (SELECT * FROM audit.event_log WHERE family_id = $1)
  SELECT (SELECT count(*)::int FROM written) AS written,
    (SELECT count(*)::int FROM written WHERE id NOT IN (SELECT event_id FROM trail)) AS missing,
    (SELECT count(*)::int FROM trail WHERE event_id NOT IN (SELECT id FROM written)) AS strangers,
    (SELECT count(*)::int FROM trail) AS entries,
    (SELECT coalesce(max(seq), 0)::int FROM trail) AS last,
    (SELECT count(*)::int FROM (
       SELECT version - lag(version) OVER (PARTITION BY entity_type, entity_id ORDER BY seq) AS step FROM trail
     ) steps WHERE step <> 1) AS disorder`

export const trailOf = async (sql: pg.Client, familyId: string) => {
  const { rows } = await sql.query<Record<string, number>>(comparison, [familyId])
  return rows[0]!
}

/** Waits until every event of the family is in the trail: each once, in the order of its entity, in a chain without a gap. */
export async function expectWholeTrail(sql: pg.Client, familyId: string): Promise<void> {
  const { written, ...trail } = await eventually(
    () => trailOf(sql, familyId),
    ({ missing }) => missing === 0,
    45_000,
  )
  expect(written).toBeGreaterThan(0)
  expect(trail).toEqual({ missing: 0, strangers: 0, entries: written, last: written, disorder: 0 })
}

/** Spends one euro; answers the id of the transaction. */
export async function spend(person: Person, accountId: string): Promise<string> {
  const { id } = await person.ledger.call('submitTransaction', {
    body: { type: 'expense', account_id: accountId, amount: '1.00', currency: 'EUR', description: 'bread' },
  })
  return id!
}

export const isInTrail = async (sql: pg.Client, entityId: string): Promise<boolean> =>
  (await sql.query('SELECT FROM audit.event_log WHERE entity_id = $1', [entityId])).rowCount === 1

export const isPublished = async (sql: pg.Client, entityId: string): Promise<boolean> =>
  (await sql.query('SELECT FROM ledger.outbox WHERE entity_id = $1 AND published_at IS NOT NULL', [entityId]))
    .rowCount === 1

export const until = (what: () => Promise<boolean>, milliseconds = 30_000) =>
  eventually(what, (is) => is, milliseconds)
