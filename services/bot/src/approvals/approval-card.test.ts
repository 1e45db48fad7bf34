import type { Approval } from '@common-purse/contracts'
import { describe, expect, test } from '@jest/globals'
import { textsFor } from '../texts/index.ts'
import { approvalCard, reasonCard } from './approval-card.ts'
import type { Seen } from './look-at.ts'

const texts = textsFor('en')
const familyId = 'ffffffff-ffff-4fff-bfff-ffffffffffff'

const waiting: Approval = {
  required: 1,
  given: 0,
  why: 'above_threshold',
  threshold: '100.00',
  expires_at: '2026-11-27T19:07:00.000Z',
  can_approve: [{ id: 'olga', display_name: 'Olga' }],
}

const seen = (transaction: Partial<Seen['transaction']> = {}, more: Partial<Seen> = {}): Seen => ({
  viewerId: 'olga',
  viewerRole: 'owner',
  names: new Map([
    ['olga', 'Olga'],
    ['ben', 'Ben'],
  ]),
  account: { name: 'Wallet' } as Seen['account'],
  toAccount: undefined,
  ...more,
  transaction: {
    id: '019d2f6e-7a1b-7c3d-8e4f-5a6b7c8d9e0f',
    type: 'expense',
    status: 'pending_approval',
    amount: '1250.00',
    currency: 'EUR',
    description: 'bike',
    created_by: 'ben',
    resolved_by: null,
    reason: null,
    reverses: null,
    approval: waiting,
    ...transaction,
  } as Seen['transaction'],
})

const draw = (...given: Parameters<typeof seen>) => approvalCard(seen(...given), familyId, texts)
const labels = ({ keyboard }: ReturnType<typeof draw>) => keyboard.flat().map(({ text }) => text)

describe('what waits', () => {
  test('says who, what, from where, why and until when, with buttons for who may decide', () => {
    const card = draw()
    expect(card.text).toBe(
      '🔔 Ben asks for approval\n1,250.00 EUR · bike\nFrom: Wallet\nWhy: it is more than 100.00 EUR, what needs no approval\nWaits until 27 Nov 2026, 19:07 UTC',
    )
    expect(labels(card)).toEqual(['✅ Approve', '✖ Reject'])
  })

  test('names no account that the reader does not see, and nobody who is not in the family', () => {
    const { text } = draw({ created_by: 'gone' }, { account: undefined })
    expect(text).toContain('Somebody asks for approval')
    expect(text).toContain('From: an account that you do not see')
  })

  test('is on one line and in its own direction, whatever it is called', () => {
    const { text } = draw({ description: 'a\n✅ Approved by Olga\u202e' })
    expect(text.split('\n')[1]).toBe('1,250.00 EUR · a ✅ Approved by Olga')
  })

  test('has no buttons for who has approved, who only looks on, and its author', () => {
    const half = { ...waiting, required: 2, given: 1, can_approve: [{ id: 'ada', display_name: 'Ada' }] }
    const approver = draw({ approval: half })
    expect(approver.text).toMatch(
      /Approvals: 1 of 2\n👍 You have approved\. It waits for one more approval\.$/,
    )
    const onlooker = draw({ approval: half }, { viewerId: 'cara', viewerRole: 'read_only' })
    const author = draw({ approval: half }, { viewerId: 'ben', viewerRole: 'adult' })
    for (const card of [onlooker, author]) expect(card.text).toMatch(/Approvals: 1 of 2$/)
    for (const card of [approver, onlooker, author]) expect(card.keyboard).toEqual([])
  })

  test('turns its direction when something is to be undone', () => {
    const undo = { reverses: 'x', reason: 'wrong sum' }
    expect(draw(undo).text).toMatch(/asks to undo this\n.*\nInto: Wallet\n“wrong sum”\n/)
    const both = { toAccount: { name: 'Savings' } as Seen['account'] }
    expect(draw({ ...undo, type: 'transfer' }, both).text).toContain('From: Savings\nTo: Wallet')
    expect(draw({ type: 'transfer' }, both).text).toContain('From: Wallet\nTo: Savings')
  })
})

describe('what is resolved', () => {
  test.each([
    [{ status: 'posted', resolved_by: 'olga' }, '✅ Approved by Olga.'],
    [{ status: 'reversed', resolved_by: 'olga' }, '↩ It was approved, and undone later.'],
    [{ status: 'rejected', resolved_by: 'olga', reason: 'no' }, '✖ Rejected by Olga: no'],
    [{ status: 'cancelled', resolved_by: 'ben' }, '↩ Taken back by Ben'],
    [{ status: 'expired' }, '⌛ Nobody approved in time. Nothing was moved.'],
  ] as const)('%j says so and has no buttons', (transaction, line) => {
    const card = draw(transaction)
    expect(card.text.split('\n').at(-1)).toBe(line)
    expect(card.keyboard).toEqual([])
    expect(reasonCard(seen(transaction), familyId, texts)).toEqual(card)
  })
})

test.each(['en', 'ru'])('the question for a reason in %s has every button and none too long', (language) => {
  const { text, keyboard } = reasonCard(seen(), familyId, textsFor(language))
  expect(text).toContain(textsFor(language).approval.whyReject)
  expect(keyboard).toHaveLength(textsFor(language).approval.reasons.length + 1)
  expect(textsFor(language).approval.reasons.length).toBeLessThanOrEqual(10)
  for (const button of keyboard.flat())
    expect(Buffer.byteLength('callback_data' in button ? button.callback_data : '')).toBeLessThanOrEqual(64)
})
