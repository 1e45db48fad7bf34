import { describe, expect, test } from '@jest/globals'
import {
  amountError,
  Currency,
  DecimalAmount,
  SubmitTransaction,
  toDecimal,
  toMinorUnits,
} from '../src/index.ts'

describe('money', () => {
  test.each([
    ['12.50', 'EUR', 1250n],
    ['12.5', 'EUR', 1250n],
    ['12', 'EUR', 1200n],
    ['0.01', 'EUR', 1n],
    ['1250', 'JPY', 1250n],
    ['1.234', 'KWD', 1234n],
    ['999999999999.99', 'EUR', 99999999999999n],
  ])('reads %s %s', (text, currency, minor) => {
    expect(DecimalAmount.safeParse(text).success).toBe(true)
    expect(amountError(text, currency)).toBeUndefined()
    expect(toMinorUnits(text, currency)).toBe(minor)
  })

  test.each([
    [1250n, 'EUR', '12.50'],
    [-5n, 'EUR', '-0.05'],
    [0n, 'EUR', '0.00'],
    [0n, 'JPY', '0'],
    [-1250n, 'JPY', '-1250'],
    [1n, 'KWD', '0.001'],
  ])('writes %s minor units of %s', (minor, currency, text) => {
    expect(toDecimal(minor, currency)).toBe(text)
  })

  test.each([
    '',
    ' ',
    '-1',
    '+1',
    '1e3',
    '1.',
    '.5',
    '01',
    '1,50',
    '1 000',
    'NaN',
    'Infinity',
    '0x10',
    '１２',
    '1.2345',
  ])('refuses %j', (text) => {
    expect(DecimalAmount.safeParse(text).success).toBe(false)
  })

  test.each([1, 12.5, Number.NaN, null, 10n, ['1'], { amount: '1' }])(
    'refuses what is no string: %p',
    (value) => {
      expect(DecimalAmount.safeParse(value).success).toBe(false)
    },
  )

  test('says which places a currency has', () => {
    expect(amountError('1.5', 'JPY')).toMatch(/JPY has 0 decimal places/)
    expect(amountError('1.555', 'EUR')).toMatch(/EUR has 2 decimal places/)
  })

  test.each(['eur', 'EU', 'XXX', 'XAU', '', 'EURO', '__proto__', 'constructor'])(
    '%j is not a currency',
    (code) => {
      expect(Currency.safeParse(code).success).toBe(false)
    },
  )
})

describe('the command that submits a transaction', () => {
  const account = '0b8f6d3c-6c3a-4c1e-9d5e-0a1b2c3d4e5f'
  const other = '1b8f6d3c-6c3a-4c1e-9d5e-0a1b2c3d4e5f'
  const valid = { type: 'expense', account_id: account, amount: '5.00', currency: 'EUR' }
  const fieldsOf = (body: unknown) =>
    SubmitTransaction.safeParse(body).error?.issues.map((issue) => issue.path.join('.')) ?? []

  test.each([
    ['amount', { ...valid, amount: '0.00' }],
    ['amount', { ...valid, amount: '5.001' }],
    ['amount', { ...valid, amount: 5 }],
    ['currency', { ...valid, currency: 'ABC' }],
    ['to_account_id', { ...valid, type: 'transfer' }],
    ['to_account_id', { ...valid, type: 'transfer', to_account_id: account }],
    ['to_account_id', { ...valid, to_account_id: other }],
    ['description', { ...valid, description: 'a\u0000b' }],
    ['description', { ...valid, description: 'lone \ud800 surrogate' }],
    ['occurred_at', { ...valid, occurred_at: '0000-01-01T00:00:00Z' }],
    ['occurred_at', { ...valid, occurred_at: '2026-02-30T00:00:00Z' }],
    ['occurred_at', { ...valid, occurred_at: 'yesterday' }],
    ['type', { ...valid, type: 'gift' }],
    ['account_id', { ...valid, account_id: 'x' }],
  ])('names %s', (field, body) => {
    expect(fieldsOf(body)).toContain(field)
  })

  test('refuses fields it does not know', () => {
    expect(SubmitTransaction.safeParse({ ...valid, status: 'posted' }).success).toBe(false)
  })
})
