import { expect, test } from '@jest/globals'
import type { Request, RequestHandler, Response } from 'express'
import { chain } from './chain.ts'

/** What a chain of these does: which ran, and with what it ended. */
function run(...handlers: RequestHandler[]): Promise<{ ran: number[]; error: unknown }> {
  const ran: number[] = []
  const noted = handlers.map<RequestHandler>((handler, index) => (req, res, next) => {
    ran.push(index)
    return handler(req, res, next)
  })
  return new Promise((resolve) => {
    void chain(...noted)({} as Request, {} as Response, (error?: unknown) => resolve({ ran, error }))
  })
}

const go: RequestHandler = (_req, _res, next) => next()
const goLater: RequestHandler = async (_req, _res, next) => {
  await Promise.resolve()
  next()
}

test('runs all, one after the other, also those that wait', async () => {
  expect(await run(go, goLater, go)).toEqual({ ran: [0, 1, 2], error: undefined })
  expect(await run()).toEqual({ ran: [], error: undefined })
})

test.each<[string, RequestHandler]>([
  [
    'throws',
    () => {
      throw new Error('no')
    },
  ],
  ['rejects', () => Promise.reject(new Error('no'))],
  [
    'rejects later',
    async () => {
      await Promise.resolve()
      throw new Error('no')
    },
  ],
  ['hands on an error', (_req, _res, next) => next(new Error('no'))],
])('ends with the error of one that %s', async (_how, refuse) => {
  for (const before of [go, goLater]) {
    const { ran, error } = await run(before, refuse, go)
    expect(ran).toEqual([0, 1])
    expect(error).toEqual(new Error('no'))
  }
})

test('stops at one that answers by itself', async () => {
  let answered = false
  const ended = run(go, () => void (answered = true), go)
  await Promise.race([ended.then(() => expect('this').toBe('never')), Promise.resolve()])
  expect(answered).toBe(true)
})
