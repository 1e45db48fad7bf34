import { createHash } from 'node:crypto'
import { ApiError } from '@common-purse/client'
import type { Transaction } from '@common-purse/contracts'
import type { Api } from '../api.ts'
import type { FamilySessions } from '../family-sessions.ts'
import type { BotSession } from '../session-store.ts'
import { lookAt, type Seen, withNames } from './look-at.ts'

export interface ApprovalDeps {
  api: Api
  families: FamilySessions
}

/** Who decides, and on what; the family is where the transaction is looked for. */
export interface Decision {
  telegramId: string
  familyId: string
  transactionId: string
}

/**
 * Approves in the person's name and answers how it stands then; somebody else may have been faster. Undefined when they do
 * not see it (any more). Throws ApiError for a refusal. The same tap twice is the same request.
 */
export const approve = (deps: ApprovalDeps, decision: Decision): Promise<Seen | undefined> =>
  resolve(deps, decision, (session, params) =>
    deps.api.as(session, 'approveTransaction', {
      params,
      body: {},
      idempotencyKey: keyOf('approve', decision),
    }),
  )

/** Rejects in the person's name for that reason, like {@link approve}. */
export const reject = (deps: ApprovalDeps, decision: Decision, reason: string): Promise<Seen | undefined> =>
  resolve(deps, decision, (session, params) =>
    deps.api.as(session, 'rejectTransaction', {
      params,
      body: { reason },
      // Another reason is another request: what came of the first one is not known to whoever writes anew.
      idempotencyKey: keyOf(`reject-${digest(reason)}`, decision),
    }),
  )

const keyOf = (action: string, { transactionId, telegramId }: Decision) =>
  `telegram-${action}-${transactionId}-${telegramId}`

const digest = (text: string) => createHash('sha256').update(text).digest('base64url').slice(0, 16)

type Call = (session: BotSession, params: { id: string }) => Promise<Transaction>

const resolve = ({ api, families }: ApprovalDeps, decision: Decision, call: Call) =>
  families.use(decision.telegramId, decision.familyId, async (session) => {
    const id = decision.transactionId
    try {
      // Its answer is what is shown: what is resolved is perhaps not shown to this person any more.
      return await withNames(api, session, await call(session, { id }))
    } catch (error) {
      if (!(error instanceof ApiError) || error.problem.code !== 'already_resolved') throw error
      const seen = await lookAt(api, session, id)
      if (!seen) throw error
      return seen
    }
  })
