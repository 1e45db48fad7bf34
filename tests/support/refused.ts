import { expect } from '@jest/globals'
import { ApiError } from '../../libs/client/src/index.ts'
import { type ProblemCode, type ProblemDocument, problems } from '../../libs/contracts/src/index.ts'

/** Expects a call to be refused with this code and its status; answers the problem document. */
export async function refused(call: Promise<unknown>, code: ProblemCode): Promise<ProblemDocument> {
  const error = await call.then(
    (answer) => {
      throw new Error(`Expected ${code}, got ${JSON.stringify(answer)}`)
    },
    (reason: unknown) => reason,
  )
  if (!(error instanceof ApiError)) throw error
  expect({ code: error.problem.code, status: error.problem.status }).toEqual({
    code,
    status: problems[code].status,
  })
  return error.problem
}
