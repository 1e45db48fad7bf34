import { describe, expect, test } from '@jest/globals'
import { type Attempt, decideAttempt, type Outcome } from '../faults/decide-attempt.ts'

const at = 1_700_000_000_000
const attempt = (outcome: Outcome, given: Partial<Attempt> = {}): Attempt => ({
  call: 'POST /transactions',
  startedAt: at,
  endedAt: at + 100,
  keyId: 'v1.s',
  nonce: 'n',
  created: at / 1000,
  traceId: 't',
  replayed: false,
  outcome,
  ...given,
})
const answer = (status: number, given: Partial<Extract<Outcome, { kind: 'answer' }>> = {}): Outcome => ({
  kind: 'answer',
  status,
  code: 'upstream_unavailable',
  contentType: 'application/problem+json',
  retryAfter: '1',
  requestId: 'r',
  ...given,
})
const away = (name: string, from = at - 1_000, until = at + 1_000) => [{ name, from, until }]

describe('decideAttempt', () => {
  test('takes success, expected refusals and "come again" as they are', () => {
    expect(decideAttempt(attempt(answer(201, { contentType: 'application/json' })), [])).toBeUndefined()
    for (const status of [502, 503, 504]) expect(decideAttempt(attempt(answer(status)), [])).toBeUndefined()
    expect(decideAttempt(attempt(answer(409, { code: 'insufficient_funds' })), [])).toBeUndefined()
  })

  test('names every other answer', () => {
    const wrong = [
      answer(500, { code: 'internal' }),
      answer(404, { code: 'not_found' }),
      answer(409, { code: 'email_taken' }),
      answer(401, { code: 'token_invalid' }),
      answer(503, { retryAfter: undefined }),
      answer(503, { retryAfter: '0' }),
      answer(503, { contentType: 'text/html' }),
      answer(409, { code: undefined }),
    ]
    for (const outcome of wrong) expect(decideAttempt(attempt(outcome), away('gateway'))).toBeDefined()
  })

  test('lets no answer be missing while the gateway is there', () => {
    for (const how of ['broken', 'refused'] as const) {
      const lost = attempt({ kind: 'lost', how })
      expect(decideAttempt(lost, [])).toMatch(how)
      expect(decideAttempt(lost, away('ledger'))).toMatch(how)
      expect(decideAttempt(lost, away('gateway', at - 60_000, at - 30_000))).toMatch(how)
      expect(decideAttempt(lost, away('gateway'))).toBeUndefined()
    }
    expect(decideAttempt(attempt({ kind: 'lost', how: 'timeout' }), away('gateway'))).toMatch('timeout')
    expect(decideAttempt(attempt({ kind: 'lost', how: 'left' }), [])).toBeUndefined()
  })

  test('lets a signature be refused for a copy, and for what Redis may have forgotten', () => {
    const reused = answer(401, { code: 'nonce_reused' })
    expect(decideAttempt(attempt(reused), away('redis'))).toMatch('nonce_reused')
    expect(decideAttempt(attempt(reused, { replayed: true }), [])).toBeUndefined()
    const expired = answer(401, { code: 'signature_expired' })
    expect(decideAttempt(attempt(expired), away('gateway'))).toMatch('signature_expired')
    expect(decideAttempt(attempt(expired), away('redis'))).toBeUndefined()
  })
})
