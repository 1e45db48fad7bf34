import { randomUUID } from 'node:crypto'
import type pg from 'pg'
import { Problem, type SubmitTransaction, type Transaction } from '../../../../libs/contracts/src/index.ts'
import { inTransaction } from '../../../../libs/kit/src/database.ts'
import { createLogger } from '../../../../libs/kit/src/logger.ts'
import { policyFinder } from '../../src/policy/policy-store.ts'
import { submitTransaction } from '../../src/transactions/submit-transaction.ts'
import { createWritePath } from '../../src/write-path/write-path.ts'
import { CATEGORY, defaults, idOf, now, people } from './write-path-books.ts'
import type { Step } from './write-path-input.ts'

const clock = { now, newId: randomUUID }
const findPolicy = policyFinder(defaults)

const commandOf = (one: Step): SubmitTransaction => ({
  type: one.type,
  account_id: idOf(1, one.from),
  to_account_id: one.type === 'transfer' ? idOf(1, one.to) : undefined,
  amount: one.currency === 'EUR' ? (one.amount / 100).toFixed(2) : String(one.amount),
  currency: one.currency,
  category_id: one.category && one.type !== 'transfer' ? CATEGORY : undefined,
  description: one.description,
  occurred_at: one.later === null ? undefined : new Date(now().getTime() + one.later).toISOString(),
})

export const submissionOf = (family: string, one: Step, key: string) => ({
  caller: {
    userId: people[one.person]!,
    sessionId: idOf(5, one.person),
    familyId: family,
    role: one.role,
    client: 'api' as const,
    memberVersion: 1,
    issuedAt: 0,
  },
  context: { requestId: 'request', traceparent: undefined, ip: '127.0.0.1' } as never,
  command: commandOf(one),
  idempotency: { familyId: family, key, fingerprint: 'f' },
})

/** The short way, which tells each outcome. */
export const openShortWay = (pool: pg.Pool, count: (outcome: string) => void) =>
  createWritePath({ ...clock, pool, findPolicy, count, logger: createLogger('test', 'silent') })

export async function onTheShortWay(
  pool: pg.Pool,
  family: string,
  one: Step,
  key: string,
): Promise<{ outcome: string; answer: Transaction | undefined }> {
  let outcome = ''
  const count = (what: string) => void (outcome = what)
  const post = openShortWay(pool, count)
  const answer = await post(submissionOf(family, one, key))
  return { outcome, answer }
}

/** The use-case with the key's record as the service stores it; a refusal is its code. */
export async function byTheUseCase(
  pool: pg.Pool,
  family: string,
  one: Step,
  key: string,
): Promise<Transaction | string> {
  const { caller, context, command } = submissionOf(family, one, key)
  const submit = submitTransaction({ ...clock, findPolicy })
  try {
    return await inTransaction(pool, async (tx) => {
      const answer = await submit(tx, caller, context, command)
      await tx.query(
        `INSERT INTO idempotency_keys (family_id, key, fingerprint, status, body) VALUES ($1, $2, 'f', 201, $3::json)`,
        [family, key, JSON.stringify(answer)],
      )
      return answer
    })
  } catch (error) {
    if (error instanceof Problem) return error.code
    throw error
  }
}
