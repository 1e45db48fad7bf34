import type { RawAnswer } from './client.ts'

/** How a client repeats what may have gone lost on the way. */
export interface RetryOptions {
  /** Tries after the first one; none unless told. */
  retries?: number
  /** Milliseconds before the second try; each further pause is twice as long, and all vary by half. */
  retryPauseMs?: number
}

/** A longer wait than this is the caller's decision, not ours. */
const LONGEST_PAUSE_MS = 5_000
const passing = new Set([502, 503, 504])

/**
 * Sends again while the answer says that it may pass, or while there is none. `send` signs anew each time, so a repetition has
 * the same idempotency key and another nonce. The last answer or failure is passed on as it is.
 */
export async function sendWithRetries(
  send: () => Promise<RawAnswer>,
  { retries = 0, retryPauseMs = 300 }: RetryOptions,
): Promise<RawAnswer> {
  for (let turn = 0; ; turn += 1) {
    const answer = await send().catch((error: unknown) => {
      if (turn >= retries || !isLost(error)) throw error
      return undefined
    })
    const pauseMs = decidePause(answer, retryPauseMs * 2 ** turn)
    if (answer && (turn >= retries || pauseMs === undefined)) return answer
    await new Promise((resolve) => setTimeout(resolve, pauseMs))
  }
}

/** Milliseconds until another try may help, or undefined when the answer stands. No answer at all is one that may pass. */
export function decidePause(
  answer: Pick<RawAnswer, 'status' | 'headers' | 'body'> | undefined,
  pauseMs: number,
  random: () => number = Math.random,
): number | undefined {
  const varied = pauseMs * (0.75 + random() / 2)
  if (!answer) return varied
  if (!passing.has(answer.status) && codeOf(answer.body) !== 'request_in_progress') return undefined
  const told = Number(answer.headers.get('retry-after') ?? 0) * 1_000
  const longer = Number.isFinite(told) ? Math.max(told, varied) : varied
  return longer > LONGEST_PAUSE_MS ? undefined : longer
}

const codeOf = (body: unknown) =>
  typeof body === 'object' && body !== null && 'code' in body ? body.code : undefined

/** `fetch` rejects with a TypeError where nobody answers, and with a DOMException when time is over. */
const isLost = (error: unknown): boolean => error instanceof TypeError || error instanceof DOMException
