import type { Caller } from '@common-purse/kit/caller'
import type { Origin } from '@common-purse/kit/outbox'
import type { RequestContext } from '@common-purse/kit/request-context'

/** Who and what stands behind a change, for its event. */
export const originOf = (caller: Caller, context: RequestContext): Origin => ({
  familyId: caller.familyId,
  actorId: caller.userId,
  sessionId: caller.sessionId,
  client: caller.client,
  requestId: context.requestId,
  traceparent: context.traceparent,
  ip: context.ip,
})
