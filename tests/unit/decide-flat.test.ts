import { describe, expect, test } from '@jest/globals'
import { decideFlat, thirdsOf, tolerances } from '../faults/decide-flat.ts'

const memory = (values: (number | undefined)[]) => ({ what: 'ledger', unit: 'MB' as const, values })
const { full } = tolerances

describe('what was measured is flat', () => {
  test('when the last third is as the middle one, however the first was', () => {
    expect(decideFlat(memory([60, 80, 99, 100, 101, 100, 104, 100, 99]), full)).toBeUndefined()
  })
  test('when it fell', () => {
    expect(decideFlat(memory([100, 100, 100, 100, 100, 100, 50, 50, 50]), full)).toBeUndefined()
  })
  test('when one value stands out', () => {
    expect(decideFlat(memory([100, 100, 100, 100, 100, 100, 100, 900, 100]), full)).toBeUndefined()
  })
})

describe('it is not', () => {
  test('when it grows all the time', () => {
    const growing = Array.from({ length: 60 }, (_, n) => 100 + n)
    expect(decideFlat(memory(growing), full)).toBe('ledger grew from 129.5 MB to 149.5 MB')
  })
  test.each([
    [[100, 100, 109.1], undefined],
    [[100, 100, 108.9], undefined],
  ])('up to the tolerance %j', (values) => {
    expect(decideFlat(memory(values), full) === undefined).toBe(values[2]! <= 109)
  })
  test('when it could not be measured', () => {
    expect(decideFlat(memory([100, undefined, 100]), full)).toBe('ledger was measured fewer than three times')
  })
})

test('thirds are those of what was measured', () => {
  expect(thirdsOf(memory([1, undefined, 1, 2, 3, 2, 5, 6, 9]))).toEqual([1, 2.5, 6])
})
