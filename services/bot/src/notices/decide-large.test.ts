import { expect, test } from '@jest/globals'
import { decideLarge, type Spending } from './decide-large.ts'

const threshold = (role: 'member' | 'adult', amount: string | null, more: object = {}) => ({
  role,
  account_id: null,
  currency: null,
  amount,
  inherited: false,
  ...more,
})
const usual = [threshold('adult', '1000'), threshold('member', '100')]
const spent = (amount: string, more: Partial<Spending> = {}): Spending => ({
  type: 'expense',
  accountId: 'wallet',
  amount,
  currency: 'EUR',
  reverses: null,
  ...more,
})

test.each([
  ['what a member may spend', spent('100.00'), usual, true],
  ['a cent less', spent('99.99'), usual, false],
  ['a transfer', spent('100.00', { type: 'transfer' }), usual, true],
  ['money that comes in', spent('5000.00', { type: 'income' }), usual, false],
  ['what an account is opened with', spent('5000.00', { type: 'opening' }), usual, false],
  ['the undoing of something', spent('100.00', { reverses: 'other' }), usual, false],
  ['yen, which have no places', spent('100', { currency: 'JPY' }), [threshold('member', '100.50')], true],
  [
    'a limit of the currency',
    spent('60.00'),
    [...usual, threshold('member', '50', { currency: 'EUR' })],
    true,
  ],
  [
    'one of another currency',
    spent('60.00'),
    [...usual, threshold('member', '50', { currency: 'USD' })],
    false,
  ],
  [
    'a limit of the account before the currency’s',
    spent('60.00'),
    [threshold('member', '50', { currency: 'EUR' }), threshold('member', '70', { account_id: 'wallet' })],
    false,
  ],
  [
    'members who may spend nothing: an adult’s limit',
    spent('999.99'),
    [threshold('adult', '1000'), threshold('member', '0')],
    false,
  ],
  ['the same, reached', spent('1000.00'), [threshold('adult', '1000'), threshold('member', '0')], true],
  ['members without a limit', spent('9000.00'), [threshold('member', null)], false],
  ['no limits known', spent('9000.00'), [], false],
])('%s', (_what, spending, thresholds, large) => {
  expect(decideLarge(spending, thresholds)).toBe(large)
})
