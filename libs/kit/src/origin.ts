import type { Caller } from './caller.ts'
import type { Origin } from './outbox.ts'
import type { RequestContext } from './request-context.ts'

/** Somebody who acts: a caller with a token, or who is just signing in. */
export type Actor = Pick<Caller, 'familyId' | 'userId' | 'sessionId' | 'client'>

/** Who and what stands behind a change, for its events. */
export const originOf = (actor: Actor, context: RequestContext): Origin => ({
  familyId: actor.familyId,
  actorId: actor.userId,
  sessionId: actor.sessionId,
  client: actor.client,
  requestId: context.requestId,
  traceparent: context.traceparent,
  ip: context.ip,
})
