import { describe, expect, test } from '@jest/globals'
import { decidePeriod, monthsOf } from './decide-period.ts'

const now = new Date('2026-05-15T12:00:00Z')
const asText = ({ from, to }: { from: Date; to: Date }) => [from.toISOString(), to.toISOString()]
const day = (text: string) => `${text}T00:00:00.000Z`
const fieldOf = (given: Parameters<typeof decidePeriod>[0]) => {
  try {
    return decidePeriod(given, now, 1)
  } catch (error) {
    return (error as { extras: { errors: { field: string }[] } }).extras.errors[0]?.field
  }
}

describe('a report’s period', () => {
  test('is the running month, or as many months as end with it', () => {
    expect(asText(decidePeriod({}, now, 1))).toEqual([day('2026-05-01'), day('2026-06-01')])
    expect(asText(decidePeriod({}, now, 12))).toEqual([day('2025-06-01'), day('2026-06-01')])
  })

  test('with an end alone is the months that end there', () => {
    expect(asText(decidePeriod({ to: day('2026-01-01') }, now, 12))).toEqual([
      day('2025-01-01'),
      day('2026-01-01'),
    ])
    expect(asText(decidePeriod({ to: day('2026-01-10') }, now, 1))).toEqual([
      day('2026-01-01'),
      day('2026-01-10'),
    ])
  })

  test('is at most ten years, whichever bound makes it longer', () => {
    const given = { from: day('2016-02-29'), to: '2026-03-01T00:00:00.000Z' }
    expect(asText(decidePeriod(given, now, 1))).toEqual([given.from, given.to])
    expect(fieldOf({ from: day('2016-02-29'), to: '2026-03-01T00:00:00.001Z' })).toBe('to')
    expect(fieldOf({ from: day('2000-01-01') })).toBe('from')
    expect(fieldOf({ from: day('2030-01-01') })).toBe('from')
  })

  test('touches months as UTC counts them', () => {
    const months = monthsOf({
      from: new Date('2025-12-31T23:30:00-01:00'),
      to: new Date('2026-02-10T00:00:00Z'),
    })
    expect(months.map(({ name, end }) => [name, end.toISOString()])).toEqual([
      ['2026-01', day('2026-02-01')],
      ['2026-02', day('2026-02-10')],
    ])
  })
})
