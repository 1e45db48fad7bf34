import type { AuditEvent, ClientKind, DomainEvent, EventAction } from '@common-purse/contracts'
import { actionOf } from '@common-purse/contracts'
import { traceIdOf } from '@common-purse/kit/trace'

/** A row of `event_log`. */
export interface EntryRow {
  event_id: string
  seq: string
  action: string
  actor_id: string | null
  entity_type: string
  entity_id: string
  occurred_at: Date
  recorded_at: Date
  old_values: unknown
  new_values: unknown
  reason: string | null
  ip: string | null
  client: ClientKind | null
  session_id: string | null
  request_id: string | null
  trace_id: string | null
  prev_hash: string
  hash: string
}

/** What an entry says, before it has a place in a chain. */
export type EntryContent = Omit<AuditEvent, 'seq' | 'recorded_at' | 'prev_hash' | 'hash'>

type Values = Record<string, unknown> | null

/** PostgreSQL knows instants that JavaScript has none for, infinity among them; no service writes one. */
const toText = (instant: Date): string =>
  Number.isFinite(instant?.valueOf()) ? instant.toISOString() : String(instant)

/** An entry as the API shows it; its hash is over exactly this form. */
export const toEntry = (row: EntryRow): AuditEvent => ({
  id: row.event_id,
  seq: Number(row.seq),
  action: row.action as EventAction,
  actor_id: row.actor_id,
  entity_type: row.entity_type,
  entity_id: row.entity_id,
  occurred_at: toText(row.occurred_at),
  recorded_at: toText(row.recorded_at),
  old_values: row.old_values as Values,
  new_values: row.new_values as Values,
  reason: row.reason,
  ip: row.ip,
  client: row.client,
  session_id: row.session_id,
  request_id: row.request_id,
  trace_id: row.trace_id,
  prev_hash: row.prev_hash,
  hash: row.hash,
})

/** What the trail keeps of an event. Ids are compared and hashed as PostgreSQL gives them back: in lower case. */
export function toContent(event: DomainEvent): EntryContent {
  const { data } = event
  return {
    id: event.id.toLowerCase(),
    action: actionOf(event.type)!,
    actor_id: event.actorid?.toLowerCase() ?? null,
    entity_type: data.entity_type,
    entity_id: data.entity_id,
    occurred_at: new Date(event.time).toISOString(),
    old_values: data.old_values,
    new_values: data.new_values,
    reason: event.reason ?? null,
    ip: event.ip ?? null,
    client: event.client ?? null,
    session_id: event.sessionid?.toLowerCase() ?? null,
    request_id: event.requestid ?? null,
    trace_id: event.traceparent === undefined ? null : traceIdOf(event.traceparent),
  }
}

export const contentOf = (entry: AuditEvent): EntryContent => {
  const { seq: _seq, recorded_at: _recordedAt, prev_hash: _prevHash, hash: _hash, ...content } = entry
  return content
}
