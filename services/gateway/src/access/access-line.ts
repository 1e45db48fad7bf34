import type { AccessBatch } from '@common-purse/contracts'
import type { Request, Response } from 'express'
import { type RequestState, stateOf } from '../request-state.ts'

type Line = AccessBatch['lines'][number]

/** What is known of a request when it arrives. */
export interface Arrival {
  id: string
  /** ISO 8601, by this machine's clock. */
  at: string
  /** By `performance.now()`. */
  startedAt: number
}

/** nginx's number for a request that nobody got an answer to: the client went away, or the gateway was killed. */
export const UNANSWERED = 499

/** What is kept of a request: who, which route, how it ended. No query, no token, no body. */
export function toAccessLine(req: Request, res: Response, { id, at }: Arrival, durationMs: number): Line {
  const state = stateOf(res)
  return {
    id,
    at,
    method: req.method.slice(0, 16),
    route: state.route ?? 'none',
    status: res.headersSent ? res.statusCode : UNANSWERED,
    code: state.problemCode ?? null,
    duration_ms: Math.round(durationMs * 100) / 100,
    ip: state.context.ip,
    request_id: state.context.requestId,
    ...whoIn(state),
  }
}

function whoIn({ caller, policy }: RequestState): Pick<Line, 'user_id' | 'family_id' | 'client'> {
  if (caller) return { user_id: caller.userId, family_id: caller.familyId, client: caller.client }
  return { user_id: null, family_id: null, client: policy?.access === 'bot' ? 'bot' : null }
}
