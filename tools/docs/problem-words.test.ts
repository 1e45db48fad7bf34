import { readFileSync } from 'node:fs'
import { expect, test } from '@jest/globals'
import { problems } from '../../libs/contracts/src/problems.ts'
import { problemWords } from './problem-words.ts'

test('every code has its words, and nothing of another’s', () => {
  const page = readFileSync(new URL('../../docs/problems.md', import.meta.url), 'utf8')
  const words = problemWords(page)
  expect(Object.keys(words).toSorted()).toEqual(Object.keys(problems).toSorted())
  for (const { happened, todo } of Object.values(words)) {
    expect(happened).toMatch(/^[A-Z`].*\.$/)
    expect(todo).toMatch(/^[A-Z`].*\.$/)
    expect(happened + todo).not.toContain('##')
  }
})
