import { expect, test } from '@jest/globals'
import { createNoticeBudget } from './notice-budget.ts'

test('a chat is told so much in a time, then once that there is more, and again when the time is over', () => {
  let at = 1_000
  const allow = createNoticeBudget({ count: 2, seconds: 60 }, () => at)
  const ask = (times: number) => Array.from({ length: times }, () => allow('1'))
  expect(ask(5)).toEqual(['yes', 'yes', 'enough', 'more', 'more'])
  expect(allow('2')).toBe('yes')
  at += 59_999
  expect(ask(1)).toEqual(['more'])
  at += 1
  expect(ask(3)).toEqual(['yes', 'yes', 'enough'])
})
