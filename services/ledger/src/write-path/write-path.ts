import type { Transaction } from '@common-purse/contracts'
import { asTx } from '@common-purse/kit/database'
import type { Logger } from '@common-purse/kit/logger'
import { isTraced, type Part, traceTogether } from '@common-purse/kit/spans'
import type pg from 'pg'
import type { Clock } from '../clock.ts'
import type { FindPolicy } from '../policy/policy-store.ts'
import { gather } from './gather.ts'
import { createPolicyMemory } from './policy-memory.ts'
import { postTransactions } from './post-transactions.ts'
import { isPlain, type PostingRequest, postingRequest, type Submission } from './posting-request.ts'

export interface WritePathDeps extends Clock {
  pool: pg.Pool
  findPolicy: FindPolicy
  logger: Logger
  /** Counts what became of a request. */
  count(outcome: string): void
}

/** Posts a transaction when that is plainly allowed; undefined when `submitTransaction` has to decide. */
export type PostPlain = (submission: Submission) => Promise<Transaction | undefined>

const BATCH_MAX = 64
const IN_FLIGHT_MAX = 2
/** Most statements are done in a fifth of it. */
const LONG_MS = 20

/**
 * The short way of the common case: requests that come together are written together, in one round trip and one
 * commit. It never refuses anything and never lets anything wait: whatever is not plain is for the use-case.
 */
export function createWritePath({ pool, findPolicy, now, newId, logger, count }: WritePathDeps): PostPlain {
  const policies = createPolicyMemory((familyId) => findPolicy(asTx(pool), familyId))
  const post = gather({
    run: (requests: PostingRequest[]) =>
      traceTogether(isTraced() ? requests.map(partOf) : [], () => postTransactions(pool, requests)),
    groupOf: ({ family_id }) => family_id,
    batchMax: BATCH_MAX,
    inFlightMax: IN_FLIGHT_MAX,
    longMs: LONG_MS,
  })
  return async (submission) => {
    const at = now()
    const { familyId } = submission.caller
    if (!isPlain(submission.command, at)) return void count('unusual')
    const request = postingRequest(submission, await policies.of(familyId), { id: newId(), now: at })
    try {
      const posted = await post(request)
      count(posted.outcome)
      if (posted.outcome === 'policy') policies.forget(familyId)
      return 'answer' in posted ? posted.answer : undefined
    } catch (error) {
      // Perhaps only the answer was lost: the use-case finds the key if it was written after all.
      count('error')
      const { requestId: request_id, traceId: trace_id } = submission.context
      const told = { err: (error as Error).message, request_id, trace_id }
      logger.warn(told, 'A batch of transactions failed; each goes its own way')
      return undefined
    }
  }
}

/** The request's part of a batch, in the trace of the request. */
const partOf = ({ event }: PostingRequest, _index: number, { length }: PostingRequest[]): Part => ({
  name: 'post transactions',
  kind: 'internal',
  traceparent: event.traceparent,
  attributes: { 'db.operation.batch.size': length },
})
