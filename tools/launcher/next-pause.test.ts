import { expect, test } from '@jest/globals'
import { nextPause } from './next-pause.ts'

test('the pause doubles from 0.2 s to 5 s', () => {
  const pauses = [0, 1, 2, 3, 4, 5, 6].reduce<number[]>(
    (all) => [...all, nextPause(all.at(-1) ?? 0, false)],
    [],
  )
  expect(pauses).toEqual([200, 400, 800, 1_600, 3_200, 5_000, 5_000])
})

test('the pause begins anew after a good while', () => {
  expect(nextPause(5_000, true)).toBe(200)
})
