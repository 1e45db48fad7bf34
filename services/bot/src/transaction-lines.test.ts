import type { Transaction } from '@common-purse/contracts'
import { expect, test } from '@jest/globals'
import { namesOf } from './load-names.ts'
import { textsFor } from './texts/index.ts'
import { transactionLines } from './transaction-lines.ts'

const names = namesOf(
  [
    { id: 'w', name: 'Wallet' },
    { id: 's', name: 'Savings' },
  ],
  [{ user_id: 'ann', display_name: 'Ann' }],
)
const base = {
  type: 'expense',
  status: 'posted',
  account_id: 'w',
  to_account_id: null,
  amount: '12.50',
  currency: 'EUR',
  description: 'coffee',
  created_by: 'ann',
  occurred_at: '2026-11-24T10:00:00.000Z',
  reverses: null,
} as Transaction

test.each<[Partial<Transaction>, string]>([
  [{}, '24 Nov  −12.50 EUR  coffee\n    Wallet · Ann'],
  [{ type: 'income', description: null }, '24 Nov  +12.50 EUR  no description\n    Wallet · Ann'],
  [{ type: 'transfer', to_account_id: 's' }, '24 Nov  12.50 EUR  coffee\n    Wallet → Savings · Ann'],
  [
    { type: 'transfer', to_account_id: 's', reverses: 'x' },
    '24 Nov  12.50 EUR  coffee\n    Savings → Wallet · Ann · ↩ takes an earlier one back',
  ],
  [{ reverses: 'x' }, '24 Nov  +12.50 EUR  coffee\n    Wallet · Ann · ↩ takes an earlier one back'],
  [{ status: 'rejected' }, '24 Nov  −12.50 EUR  coffee\n    Wallet · Ann · ✖ rejected'],
  [
    { account_id: 'hidden', created_by: 'gone', status: 'pending_approval' },
    '24 Nov  −12.50 EUR  coffee\n    an account you do not see · somebody who left · ⏳ waits for approval',
  ],
])('%j', (more, lines) => expect(transactionLines({ ...base, ...more }, names, textsFor('en'))).toBe(lines))
