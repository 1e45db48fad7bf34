import { expect, test } from '@jest/globals'
import pg from 'pg'
import { toProblem } from './problem-handler.ts'

const databaseError = (code: string) =>
  Object.assign(new pg.DatabaseError('canceling statement due to statement timeout', 0, 'error'), { code })

test.each(['57014', '55P03', '40P01', '40001'])('%s is trouble that passes', (code) => {
  const problem = toProblem(databaseError(code))
  expect(problem).toMatchObject({ code: 'upstream_unavailable', extras: { retryAfter: 1 } })
  expect(problem.message).not.toContain('statement')
})

test.each(['22003', '23505', '42P01'])('%s is a mistake of ours', (code) => {
  const problem = toProblem(databaseError(code))
  expect(problem.code).toBe('internal')
  expect(problem.message).not.toContain('statement')
})
