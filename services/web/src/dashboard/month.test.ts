import { expect, test } from '@jest/globals'
import { daysOf, minorUnits, monthAfter, monthOf, periodOf, shareOf } from './month.ts'

const february = { year: 2028, month: 1 }

test('a month is asked for by its first moment and that of the next', () => {
  expect(periodOf({ year: 2026, month: 11 })).toEqual({
    from: '2026-12-01T00:00:00.000Z',
    to: '2027-01-01T00:00:00.000Z',
  })
  expect(monthOf(new Date('2026-12-31T23:59:59.999Z'))).toEqual({ year: 2026, month: 11 })
  expect(monthAfter({ year: 2026, month: 0 }, -1)).toEqual({ year: 2025, month: 11 })
})

test('every day of the month has a line', () => {
  const days = daysOf(february, [{ key: '2028-02-29', income: '1.00', expense: '2.50' }], '0.00')
  expect(days).toHaveLength(29)
  expect(days[0]).toEqual({ date: new Date('2028-02-01T00:00:00Z'), income: '0.00', expense: '0.00' })
  expect(days[28]).toMatchObject({ income: '1.00', expense: '2.50' })
})

test.each([
  ['0', 0n],
  ['12.50', 1250n],
  ['90071992547409.93', 9007199254740993n],
  ['1.234', 1234n],
])('%s in its smallest unit', (amount, minor) => {
  expect(minorUnits(amount)).toBe(minor)
})

test.each([
  [0n, 100n, 0],
  [100n, 100n, 1000],
  [50n, 100n, 500],
  [1n, 1_000_000n, 12],
  [1n, 0n, 0],
])('%d of %d', (amount, most, share) => {
  expect(shareOf(amount, most)).toBe(share)
})
