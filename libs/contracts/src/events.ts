import * as z from 'zod'

/** Every event, with the service that emits it. The action is the event's `type` without service and version. */
const emitters = {
  auth: [
    'user.registered',
    'user.updated',
    'user.password_changed',
    'user.totp_enabled',
    'user.totp_disabled',
    'session.started',
    'session.refreshed',
    'session.reuse_detected',
    'session.ended',
    'telegram.bind_started',
    'telegram.bound',
    'telegram.unbound',
    'family.created',
    'family.updated',
    'member.invited',
    'member.invitation_revoked',
    'member.joined',
    'member.role_changed',
    'member.removed',
  ],
  ledger: [
    'account.created',
    'account.updated',
    'account.closed',
    'transaction.submitted',
    'transaction.posted',
    'transaction.approved',
    'transaction.rejected',
    'transaction.cancelled',
    'transaction.expired',
    'transaction.reversed',
    'policy.changed',
    'category.created',
    'category.updated',
  ],
  audit: ['audit.verified', 'audit.exported'],
} as const

export type Emitter = keyof typeof emitters
export const eventActions = [...emitters.auth, ...emitters.ledger, ...emitters.audit] as const
export const EventAction = z.enum(eventActions).meta({ id: 'EventAction' })
export type EventAction = z.output<typeof EventAction>

const emitterOf = new Map<EventAction, Emitter>(
  Object.entries(emitters).flatMap(([emitter, actions]) =>
    actions.map((action) => [action, emitter as Emitter] as const),
  ),
)

/** `transaction.posted` → `ledger.transaction.posted.v1`: the event's type and its NATS subject. */
export const eventType = (action: EventAction): string => `${emitterOf.get(action)}.${action}.v1`

const actionOfType = new Map(eventActions.map((action) => [eventType(action), action]))

/** The action of an event type, or undefined for a type or version this reader does not know. */
export const actionOf = (type: string): EventAction | undefined => actionOfType.get(type)

const Values = z.record(z.string(), z.unknown())

/** CloudEvents 1.0 in JSON; the lower-case names after `data` are its extension attributes. */
export const DomainEvent = z
  .strictObject({
    specversion: z.literal('1.0'),
    id: z.uuid(),
    source: z.enum(['/auth', '/ledger', '/audit']),
    type: z.string().refine((type) => actionOf(type) !== undefined, 'Unknown event type'),
    subject: z.string(),
    time: z.iso.datetime(),
    datacontenttype: z.literal('application/json'),
    data: z.strictObject({
      entity_type: z.string().max(40),
      /** At most two UUIDs and a colon: a member is `family:user`. */
      entity_id: z.string().max(80),
      version: z.int().min(1).max(2_147_483_647),
      old_values: Values.nullable(),
      new_values: Values.nullable(),
    }),
    familyid: z.uuid(),
    actorid: z.uuid().optional(),
    sessionid: z.uuid().optional(),
    requestid: z.string().max(128).optional(),
    traceparent: z
      .string()
      .regex(/^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/)
      .optional(),
    reason: z.string().max(500).optional(),
    ip: z.string().max(64).optional(),
    client: z.enum(['web', 'bot', 'api']).optional(),
  })
  .meta({ id: 'DomainEvent' })
export type DomainEvent = z.output<typeof DomainEvent>

/** The streams of the bus: name and the subjects each keeps. */
export const streams = {
  AUTH_EVENTS: 'auth.>',
  LEDGER_EVENTS: 'ledger.>',
  AUDIT_EVENTS: 'audit.>',
  ACCESS_LOG: 'gateway.access.>',
  ANCHORS: 'anchors.>',
} as const
export type StreamName = keyof typeof streams
/**
 * Days that a stream keeps its messages, where it does not keep them for ever. Lines of the access log tell what persons did
 * and from where: how long they stay is the audit service's to decide, which has stored them long before.
 */
export const streamDays: Partial<Record<StreamName, number>> = { ACCESS_LOG: 30 }
export const accessSubject = 'gateway.access.recorded.v1'
/** Each family's anchors have a subject of their own, so that the last of them is one look-up. */
export const anchorSubject = (familyId: string): string => `anchors.${familyId}`
