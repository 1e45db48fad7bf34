import * as z from 'zod'
import { ClientKind } from './auth.ts'
import { EventAction } from './events.ts'
import { pageOf, pageQuery } from './paging.ts'
import { Instant, line, Uuid } from './text.ts'

/**
 * An entry of the trail. `hash` is the lower-case hex SHA-256 of `prev_hash` (as hex text) followed by the RFC 8785
 * form of the entry without `hash` and `prev_hash`; the first entry's `prev_hash` is 64 zeros.
 */
export const AuditEvent = z
  .object({
    id: z.uuid(),
    seq: z.int(),
    action: EventAction,
    actor_id: z.uuid().nullable(),
    entity_type: z.string(),
    entity_id: z.string(),
    occurred_at: z.string(),
    recorded_at: z.string(),
    old_values: z.record(z.string(), z.unknown()).nullable(),
    new_values: z.record(z.string(), z.unknown()).nullable(),
    reason: z.string().nullable(),
    ip: z.string().nullable(),
    client: ClientKind.nullable(),
    session_id: z.uuid().nullable(),
    request_id: z.string().nullable(),
    trace_id: z.string().nullable(),
    prev_hash: z.string(),
    hash: z.string(),
  })
  .meta({ id: 'AuditEvent' })
export type AuditEvent = z.output<typeof AuditEvent>
export const AuditEventPage = pageOf(AuditEvent, 'AuditEventPage')

export const ListAuditEvents = z.strictObject({
  ...pageQuery,
  actor_id: Uuid.optional(),
  action: EventAction.optional(),
  entity_type: line(40).optional(),
  entity_id: line(64).optional(),
  from: Instant.optional(),
  to: Instant.optional(),
})
export type ListAuditEvents = z.output<typeof ListAuditEvents>

export const AuditHead = z.object({ seq: z.int(), hash: z.string() }).meta({ id: 'AuditHead' })

/** Where a family's chain ended at a moment, kept on the bus, out of the database's reach. */
export const Anchor = z.strictObject({
  family_id: z.uuid(),
  seq: z.int().min(1),
  hash: z.string().regex(/^[0-9a-f]{64}$/),
  at: z.iso.datetime(),
  /** Why this anchor takes back what the ones before it said: the database was restored to an earlier moment. */
  reason: z.string().min(1).max(500).optional(),
})
export type Anchor = z.output<typeof Anchor>

/** The first line of an exported trail; the entries follow, one a line, oldest first, up to `head`. */
export const AuditExportHeader = z.strictObject({
  format: z.literal('common-purse-trail'),
  version: z.literal(1),
  family_id: z.uuid(),
  exported_at: z.iso.datetime(),
  head: AuditHead,
})
export type AuditExportHeader = z.output<typeof AuditExportHeader>

export const AuditVerification = z
  .object({
    intact: z.boolean(),
    entries: z.int(),
    head: AuditHead,
    first_broken_seq: z.int().nullable(),
  })
  .meta({ id: 'AuditVerification' })

/** One request at the gateway; `duration_ms` is milliseconds. No body, no token. */
export const AccessLine = z
  .object({
    id: z.uuid(),
    at: z.string(),
    method: z.string(),
    route: z.string(),
    status: z.int(),
    code: z.string().nullable(),
    duration_ms: z.number(),
    user_id: z.uuid().nullable(),
    ip: z.string(),
    client: ClientKind.nullable(),
    request_id: z.string(),
  })
  .meta({ id: 'AccessLine' })
export type AccessLine = z.output<typeof AccessLine>
export const AccessLinePage = pageOf(AccessLine, 'AccessLinePage')

/** What the gateway publishes: lines of any family, in batches. `family_id` decides who may read a line. */
export const AccessBatch = z.strictObject({
  lines: z
    .array(AccessLine.extend({ at: z.iso.datetime(), family_id: z.uuid().nullable() }).strict())
    .max(500),
})
export type AccessBatch = z.output<typeof AccessBatch>

export const ListAccessLines = z.strictObject(pageQuery)
