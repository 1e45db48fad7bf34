import { ApiError } from '@common-purse/client'
import { Problem, type ProblemCode, problems } from '@common-purse/contracts'
import { describe, expect, test } from '@jest/globals'
import { explainError } from './explain-error.ts'
import { MemoryAwayError } from './memory.ts'
import { languages, textsFor } from './texts/index.ts'

const refusal = (code: string, more: { detail?: string; status?: number } = {}, retryAfter?: number) =>
  new ApiError(
    {
      type: 'about:blank',
      title: 'A title',
      status: more.status ?? 409,
      detail: more.detail ?? 'The purse says so.',
      code,
      request_id: 'req-12345678',
      errors: [],
    },
    retryAfter,
  )

/** Codes whose reason only the purse's own sentence tells. */
const byItsOwnSentence: ProblemCode[] = [
  'invalid_request',
  'credentials_invalid',
  'totp_required',
  'email_taken',
  'totp_already_enabled',
  'already_member',
  'last_owner',
  'limit_reached',
  'invitation_expired',
]

describe.each(languages)('in %s', (language) => {
  const texts = textsFor(language)

  test.each(Object.keys(problems) as ProblemCode[])('%s has words and the request id', (code) => {
    const text = explainError(refusal(code, { status: problems[code].status }), texts)
    expect(text).toMatch(/\S{3,}[\s\S]*req-12345678$/)
    expect(text.includes('The purse says so.')).toBe(byItsOwnSentence.includes(code))
    expect(text).not.toMatch(/undefined|null|\[object/)
    if (language === 'ru') expect(text).toMatch(/[а-яё]{4}/i)
  })

  test('a code that is not known yet has the purse’s own sentence', () =>
    expect(explainError(refusal('brand_new'), texts)).toContain('The purse says so.'))

  test('who may is said, and how long to wait', () => {
    const detail =
      'This needs the permission transaction.reverse.any (which owner, adult have) or transaction.reverse.own (which owner, adult, member have); you are child'
    const denied = explainError(refusal('permission_denied', { detail }), texts)
    const { owner, adult, member } = texts.family.role
    expect(denied).toContain(`${owner}, ${adult}, ${member}`)
    expect(explainError(refusal('rate_limited', {}, 7), texts)).toContain('7 ')
  })

  test('what is not an answer of the purse is explained too, without its text', () => {
    expect(explainError(new MemoryAwayError('redis://secret'), texts)).toBe(texts.trouble.memoryAway)
    expect(explainError(new Problem('upstream_unavailable', 'x'), texts)).toBe(texts.trouble.apiAway)
    expect(explainError(new TypeError('cannot read secret'), texts)).toBe(texts.trouble.broken)
  })
})
