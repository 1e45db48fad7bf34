import { describe, expect, test } from '@jest/globals'
import { changeOf, monthBefore, readMonth, reportText, startOf, startOfNext } from './report-text.ts'
import { textsFor } from './texts/index.ts'

describe('the month of a report', () => {
  test.each([
    ['', '2026-11'],
    ['2026-10', '2026-10'],
    [' 2026.1 ', '2026-01'],
    ['2026-00', undefined],
    ['2026-13', undefined],
    ['1969-12', undefined],
    ['2200-01', undefined],
    ['october', undefined],
    ['2026-10-01', undefined],
  ])('%j', (words, month) => expect(readMonth(words, '2026-11')).toBe(month))

  test('bounds go over the end of the year', () => {
    expect(monthBefore('2026-01')).toBe('2025-12')
    expect(startOf('2026-12')).toBe('2026-12-01T00:00:00Z')
    expect(startOfNext('2026-12')).toBe('2027-01-01T00:00:00Z')
  })
})

test.each([
  ['100.00', '150.00', '+50 %'],
  ['100.00', '0.00', '−100 %'],
  ['3.00', '2.00', '−33 %'],
  ['100.00', '100.40', '±0 %'],
  ['0.00', '5.00', undefined],
  ['99999999999999999.99', '199999999999999999.98', '+100 %'],
])('from %s to %s is %s', (before, now, change) => expect(changeOf(before, now, 'EUR')).toBe(change))

describe('a report', () => {
  const line = (key: string | null, name: string | null, expense: string, currency = 'EUR') => ({
    key,
    name,
    currency,
    income: '0.00',
    expense,
    net: `-${expense}`,
    transactions: 1,
  })
  const total = (expense: string, currency = 'EUR') => {
    const { key: _key, name: _name, ...sums } = line(null, null, expense, currency)
    return sums
  }
  const summary = (items: ReturnType<typeof line>[], totals: ReturnType<typeof total>[]) => ({
    from: '',
    to: '',
    group_by: 'category' as const,
    items,
    totals,
  })
  const texts = textsFor('en')

  test('puts the largest first, sums up what is too much, and names nobody who is gone', () => {
    const items = Array.from({ length: 12 }, (_, index) => line(`c${index}`, `C${index}`, `${index + 1}.00`))
    const byCategory = summary([...items, line(null, null, '0.50')], [total('78.50')])
    const byMember = summary([line('gone', null, '78.50')], [total('78.50')])
    const text = reportText(
      { month: '2026-10', isRunning: false, byCategory, byMember, before: [] },
      'F',
      texts,
    )
    expect(text).toMatch(/October 2026 in “F”[\s\S]*category\n {2}C11: 12\.00 EUR\n {2}C10: 11\.00 EUR/)
    expect(text).toContain('3 more: 3.50 EUR')
    expect(text).toContain('somebody who left: 78.50 EUR')
  })

  test('keeps currencies apart, and tells of one that moved only before', () => {
    const both = [total('5.00'), total('7', 'JPY')]
    const empty = summary([], both)
    const before = [total('1.00', 'USD')]
    const parts = { month: '2026-10', isRunning: true, byCategory: empty, byMember: empty, before }
    const text = reportText(parts, 'F', texts)
    expect(text).toMatch(
      /\(so far\)[\s\S]*Expenses: 5\.00 EUR[\s\S]*Expenses: 7 JPY[\s\S]*September 2026: .*1\.00 USD/,
    )
    expect(text).not.toMatch(/No money/)
  })
})
