import type pg from 'pg'

/** A change that the trail tells of and the books have lost. */
export interface LostChange {
  family_id: string
  seq: string
  occurred_at: Date
  action: string
  entity_id: string
  actor_id: string | null
}

/** What was committed after the backup, as far as the bus had taken it and the trail has read it again. */
export async function lostChanges(sql: pg.ClientBase): Promise<LostChange[]> {
  const { rows } = await sql.query<LostChange>(
    `SELECT family_id, seq, occurred_at, action, entity_id, actor_id FROM audit.event_log e
     WHERE NOT EXISTS (SELECT FROM auth.outbox o WHERE o.id = e.event_id)
       AND NOT EXISTS (SELECT FROM ledger.outbox o WHERE o.id = e.event_id)
       AND NOT EXISTS (SELECT FROM audit.outbox o WHERE o.id = e.event_id) ORDER BY family_id, seq`,
  )
  return rows
}
