import { randomUUID } from 'node:crypto'
import {
  type ClientKind,
  type DomainEvent,
  type Emitter,
  type EventAction,
  eventType,
} from '@common-purse/contracts'
import type pg from 'pg'
import { inTransaction, type Tx } from './database.ts'

/** Who and what stands behind a change; a worker's own change has no caller. */
export interface Origin {
  familyId: string
  actorId?: string | undefined
  sessionId?: string | undefined
  requestId?: string | undefined
  traceparent?: string | undefined
  ip?: string | undefined
  client?: ClientKind | undefined
}

/** One change of one entity. `version` counts the entity's events from 1 without a gap. */
export interface Change {
  action: EventAction
  entityType: string
  entityId: string
  version: number
  oldValues?: Record<string, unknown> | undefined
  newValues?: Record<string, unknown> | undefined
  reason?: string | undefined
}

export function toEvent(emitter: Emitter, origin: Origin, change: Change, now: Date): DomainEvent {
  const optional = {
    actorid: origin.actorId,
    sessionid: origin.sessionId,
    requestid: origin.requestId,
    traceparent: origin.traceparent,
    reason: change.reason,
    ip: origin.ip,
    client: origin.client,
  }
  return {
    specversion: '1.0',
    id: randomUUID(),
    source: `/${emitter}`,
    type: eventType(change.action),
    subject: change.entityId,
    time: now.toISOString(),
    datacontenttype: 'application/json',
    data: {
      entity_type: change.entityType,
      entity_id: change.entityId,
      version: change.version,
      old_values: change.oldValues ?? null,
      new_values: change.newValues ?? null,
    },
    familyid: origin.familyId,
    ...Object.fromEntries(Object.entries(optional).filter(([, value]) => value !== undefined)),
  }
}

/** Writes events beside the change they tell of: both are committed or neither is. */
export async function enqueue(tx: Tx, events: readonly DomainEvent[]): Promise<void> {
  if (events.length === 0) return
  await tx.query(
    `INSERT INTO outbox (id, family_id, subject, entity_type, entity_id, version, payload)
     SELECT (e->>'id')::uuid, (e->>'familyid')::uuid, e->>'type', e->'data'->>'entity_type',
            e->'data'->>'entity_id', (e->'data'->>'version')::int, e
     FROM jsonb_array_elements($1::jsonb) WITH ORDINALITY AS list(e, n) ORDER BY n`,
    [JSON.stringify(events)],
  )
}

export interface OutboxRow {
  id: string
  subject: string
  payload: DomainEvent
}

/** How many events go to the bus in one turn. */
export const OUTBOX_BATCH_MAX = 200

/** A replica that freezes in its turn must not hold the others up for longer. */
const TURN_SECONDS_MAX = 15

/** How a turn went: whether this replica had it, how many rows were there for it, and how many the bus took. */
export interface Turn {
  mine: boolean
  found: number
  published: number
}

/**
 * Takes the oldest unpublished rows in order, hands them to `publish`, and marks those it reports as kept by the bus; rows
 * whose ids are in `except` are left where they are. One replica drains at a time, so that an entity's events stay in order;
 * any replica may take the next turn. A turn that takes too long loses its connection, and what it published is sent again.
 */
export const drainOutbox = (
  pool: pg.Pool,
  except: readonly string[],
  publish: (rows: OutboxRow[]) => Promise<string[]>,
): Promise<Turn> =>
  inTransaction(pool, async (tx) => {
    const [turn] = await tx.query<{ mine: boolean }>(
      `SELECT pg_try_advisory_xact_lock(hashtext('outbox'), hashtext(current_schema())) AS mine,
         set_config('idle_in_transaction_session_timeout', '${TURN_SECONDS_MAX}s', true)`,
      [],
    )
    if (!turn?.mine) return { mine: false, found: 0, published: 0 }
    const rows = await tx.query<OutboxRow>(
      `SELECT id, subject, payload FROM outbox WHERE published_at IS NULL AND id <> ALL ($2::uuid[])
       ORDER BY seq LIMIT $1`,
      [OUTBOX_BATCH_MAX, except],
    )
    if (rows.length === 0) return { mine: true, found: 0, published: 0 }
    const published = await publish(rows)
    if (published.length > 0)
      await tx.query('UPDATE outbox SET published_at = now() WHERE id = ANY($1::uuid[])', [published])
    return { mine: true, found: rows.length, published: published.length }
  })

/** What waits for the bus: how many events, and the age of the oldest in seconds, 0 when there is none. */
export async function outboxBacklog(pool: pg.Pool): Promise<{ events: number; age: number }> {
  const { rows } = await pool.query<{ events: number; age: number }>(
    `SELECT count(*)::int AS events, coalesce(extract(epoch FROM now() - min(created_at)), 0)::float AS age
     FROM outbox WHERE published_at IS NULL`,
  )
  return rows[0]!
}
