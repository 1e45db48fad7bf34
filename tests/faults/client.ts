import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Answered } from '../invariants/check-invariants.ts'
import type { RandomAccount } from '../invariants/random-client.ts'
import type { RandomNumbers } from '../invariants/random-numbers.ts'
import type { Attempt } from './decide-attempt.ts'
import { sendRaw, type WireAnswer } from './send-raw.ts'
import { type Signer, signRequest, type Unsigned } from './signed-request.ts'

/** What all clients together saw. */
export interface Seen {
  attempts: Attempt[]
  /** The final answers to what would move money. */
  answered: Answered[]
  /** What must not be, in words. */
  wrong: string[]
}

/** Somebody signed in who spends, and never gives up. */
export interface FaultClient {
  familyId: string
  userId: string
  role: 'owner' | 'adult' | 'member' | 'child'
  signer: Signer
  accounts: RandomAccount[]
  random: RandomNumbers
  /** Where the gateway listens. */
  port: number
  /** Of a hundred requests so many are left before they are answered, and as many are sent again byte by byte. */
  mischief: number
  seen: Seen
  /** Copies that are still under way. */
  copies: Promise<unknown>[]
  /** Aborted when everybody is to go home. */
  signal: AbortSignal
}

export interface FinalAnswer {
  status: number
  body: unknown
}

const TIMEOUT_MS = 30_000
/** Longer than any fault lasts. */
const PATIENCE_MS = 15 * 60_000
const AGAIN_MS = 200

/** Sends a request, with a new nonce each time, until somebody has decided upon it. */
export async function untilAnswered(client: FaultClient, request: Unsigned): Promise<FinalAnswer> {
  const givenUpAt = Date.now() + PATIENCE_MS
  while (Date.now() < givenUpAt) {
    const { outcome, answer } = await sendOnce(client, request)
    const pauseMs = pauseAfter(outcome)
    if (pauseMs === undefined) return { status: answer!.status, body: parseBody(answer!.body) }
    await sleep(pauseMs, undefined, { signal: client.signal })
  }
  throw new Error(`${request.target} was not answered for ${PATIENCE_MS / 60_000} minutes`)
}

/** Sends a request once, and answers what came, if anything did. */
export async function askOnce(client: FaultClient, request: Unsigned): Promise<FinalAnswer | undefined> {
  const { answer } = await sendOnce(client, request)
  return answer && { status: answer.status, body: parseBody(answer.body) }
}

/** How long to wait before the request is repeated; undefined when the answer is final. */
function pauseAfter(outcome: Attempt['outcome']): number | undefined {
  if (outcome.kind === 'lost') return outcome.how === 'left' ? 0 : AGAIN_MS
  const { status, code, retryAfter } = outcome
  if (status >= 500 || code === 'request_in_progress')
    return Math.max(AGAIN_MS, Math.min(Number(retryAfter ?? 1), 2) * 1000)
  return status === 401 ? AGAIN_MS : undefined
}

/** One attempt. Now and then the client hangs up before the answer, or somebody sends a copy of its bytes. */
async function sendOnce(
  client: FaultClient,
  request: Unsigned,
): Promise<{ outcome: Attempt['outcome']; answer: WireAnswer | undefined }> {
  const { random, mischief, port } = client
  const signed = signRequest(client.signer, request)
  const leaveAfterMs = random.chance(mischief / 100) ? random.below(40) : undefined
  const copyAfterMs = random.chance(mischief / 100) ? random.below(2_000) - 1_000 : undefined
  const send = async (options: { leaveAfterMs?: number | undefined }) => {
    const traceId = randomBytes(16).toString('hex')
    const startedAt = Date.now()
    const result = await sendRaw(port, signed.bytes(traceId), { ...options, timeoutMs: TIMEOUT_MS })
    const outcome = outcomeOf(result)
    client.seen.attempts.push({
      call: `${request.method} ${request.target.replaceAll(/[0-9a-f-]{36}/g, '{id}')}`,
      startedAt,
      endedAt: Date.now(),
      keyId: signed.keyId,
      nonce: signed.nonce,
      created: signed.created,
      traceId,
      replayed: copyAfterMs !== undefined,
      outcome,
    })
    return { outcome, answer: typeof result === 'string' ? undefined : result }
  }
  // A copy below zero is sent beside the request, a later one when it may have been answered.
  if (copyAfterMs !== undefined)
    client.copies.push(sleep(Math.max(0, copyAfterMs)).then(() => send({ leaveAfterMs: undefined })))
  return await send({ leaveAfterMs })
}

function outcomeOf(result: Awaited<ReturnType<typeof sendRaw>>): Attempt['outcome'] {
  if (typeof result === 'string') return { kind: 'lost', how: result }
  const { status, headers, body } = result
  const parsed = parseBody(body)
  const code = typeof parsed === 'object' && parsed !== null ? (parsed as { code?: unknown }).code : undefined
  return {
    kind: 'answer',
    status,
    code: typeof code === 'string' ? code : undefined,
    contentType: (headers['content-type'] ?? '').split(';', 1)[0]!.trim(),
    retryAfter: headers['retry-after'],
    requestId: headers['x-request-id'] ?? '',
  }
}

function parseBody(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return undefined
  }
}
