import { Problem } from '@common-purse/contracts'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { createWorkLine, type WorkLine } from '../src/users/work-line.ts'

const ann = { from: 'ann' }
let line: WorkLine<string, string>
beforeEach(() => {
  line = createWorkLine({ module: new URL('crashing-worker.ts', import.meta.url), threads: 1, rest: false })
})
afterEach(() => line.stop())

test('each job gets its own answer, in the order in which they came', async () => {
  const jobs = ['a', 'b', 'c', 'd']
  const order: string[] = []
  const answers = await Promise.all(
    jobs.map(async (job) => {
      const answer = await line.run(job, ann)
      order.push(job)
      return answer
    }),
  )
  expect(answers).toEqual(jobs.map((job) => `done: ${job}`))
  expect(order).toEqual(jobs)
})

test.each(['exit', 'throw'])(
  'a thread that ends (%s) loses its job alone, and another one is started',
  async (how) => {
    const [lost, next] = await Promise.allSettled([line.run(how, ann), line.run('a', ann)])
    expect(lost).toMatchObject({ status: 'rejected', reason: { code: 'upstream_unavailable' } })
    expect(next).toEqual({ status: 'fulfilled', value: 'done: a' })
  },
)

test('a refusal when the turn has come gives the turn away', async () => {
  const refusal = new Problem('rate_limited', 'x')
  const [refused, next] = await Promise.allSettled([
    line.run('a', { ...ann, before: () => Promise.reject(refusal) }),
    line.run('b', ann),
  ])
  expect(refused).toEqual({ status: 'rejected', reason: refusal })
  expect(next).toMatchObject({ value: 'done: b' })
})

test('a thread that rests does every job all the same', async () => {
  const resting = createWorkLine<string, string>({
    module: new URL('crashing-worker.ts', import.meta.url),
    threads: 1,
    rest: true,
  })
  const answers = await Promise.all(['a', 'b', 'c'].map((job) => resting.run(job, ann)))
  await resting.stop()
  expect(answers).toEqual(['done: a', 'done: b', 'done: c'])
})

test('a hundred wait, more are refused', async () => {
  const outcomes = await Promise.allSettled(
    Array.from({ length: 105 }, (_, job) => line.run(String(job), ann)),
  )
  const refused = outcomes.filter(({ status }) => status === 'rejected')
  expect(refused).toHaveLength(4)
  for (const outcome of refused)
    expect(outcome).toMatchObject({ reason: { code: 'rate_limited', extras: { retryAfter: 1 } } })
})

test('who fills the line keeps nobody else out of it', async () => {
  const many = Promise.allSettled(Array.from({ length: 300 }, (_, job) => line.run(String(job), ann)))
  expect(await line.run('a', { from: 'ben' })).toBe('done: a')
  const done = (await many).filter(({ status }) => status === 'fulfilled')
  expect(done).toHaveLength(100)
})
