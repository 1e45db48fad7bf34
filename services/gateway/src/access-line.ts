import { randomUUID } from 'node:crypto'
import type { AccessBatch } from '@common-purse/contracts'
import type { Request, Response } from 'express'
import { type RequestState, stateOf } from './request-state.ts'

type Line = AccessBatch['lines'][number]

/** nginx's number for a client that went away before it was answered. */
const CLIENT_GONE = 499

/** What is kept of a request: who, which route, how it ended. No query, no token, no body. */
export function toAccessLine(req: Request, res: Response, at: string, durationMs: number): Line {
  const state = stateOf(res)
  return {
    id: randomUUID(),
    at,
    method: req.method.slice(0, 16),
    route: state.route ?? 'none',
    status: res.headersSent ? res.statusCode : CLIENT_GONE,
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
