import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { givenAccount, givenFamily } from '../../../tests/support/given.ts'
import { refused } from '../../../tests/support/refused.ts'
import { balanceOf, type LedgerHouse, spend, startLedgerHouse } from './support/ledger-house.ts'
import { stopWithSoundBooks } from './support/sound-books.ts'

let at: LedgerHouse
beforeAll(async () => {
  at = await startLedgerHouse()
}, 30_000)
afterAll(() => stopWithSoundBooks(at))

describe('the same Idempotency-Key', () => {
  const body = (account_id: string, amount = '7.00') => ({
    type: 'expense' as const,
    account_id,
    amount,
    currency: 'EUR',
  })

  test('gives the stored answer and moves the money once', async () => {
    const { owner } = await givenFamily(at.house)
    const account = await givenAccount(owner)
    const idempotencyKey = randomUUID()
    const once = () => owner.ledger.call('submitTransaction', { body: body(account.id), idempotencyKey })
    const first = await once()
    expect(JSON.stringify(await once())).toBe(JSON.stringify(first))
    await refused(
      owner.ledger.call('submitTransaction', { body: body(account.id, '8.00'), idempotencyKey }),
      'idempotency_key_reused',
    )
    expect(await balanceOf(owner, account.id)).toMatchObject({ posted: '993.00' })
    expect(await at.actionsOf(first.id)).toEqual(['transaction.posted'])
  })

  test('sent twenty times at once moves it once', async () => {
    const { owner } = await givenFamily(at.house)
    const account = await givenAccount(owner)
    const idempotencyKey = randomUUID()
    const results = await Promise.allSettled(
      Array.from({ length: 20 }, () =>
        owner.ledger.call('submitTransaction', { body: body(account.id), idempotencyKey }),
      ),
    )
    const ids = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value.id] : []))
    expect(new Set(ids).size).toBe(1)
    for (const result of results)
      if (result.status === 'rejected') await refused(Promise.reject(result.reason), 'request_in_progress')
    expect(await balanceOf(owner, account.id)).toMatchObject({ posted: '993.00' })
  })

  test('keeps a refusal the same after the money has come', async () => {
    const { owner } = await givenFamily(at.house)
    const account = await givenAccount(owner, { opening_balance: '5.00' })
    const idempotencyKey = randomUUID()
    const attempt = () => owner.ledger.call('submitTransaction', { body: body(account.id), idempotencyKey })
    await refused(attempt(), 'insufficient_funds')
    await spend(owner, account, '100', { type: 'income' })
    await refused(attempt(), 'insufficient_funds')
    expect(await balanceOf(owner, account.id)).toMatchObject({ posted: '105.00' })
  })

  test('is required', async () => {
    const { owner } = await givenFamily(at.house)
    const account = await givenAccount(owner)
    const answer = await fetch(`${at.house.urls.ledger}/api/v1/transactions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${owner.session.access_token}`, 'content-type': 'application/json' },
      body: JSON.stringify(body(account.id)),
    })
    expect([answer.status, ((await answer.json()) as { code: string }).code]).toEqual([
      400,
      'idempotency_key_missing',
    ])
  })
})
