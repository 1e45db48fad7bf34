import { expect, test } from '@jest/globals'
import { followDatabaseClock } from './database-clock.ts'

const START = Date.parse('2026-03-01T12:00:00Z')

/** Clocks that a test moves, and a database whose clock may be another one. */
function clocks() {
  const state = { steady: 5_000, step: 0, ahead: 0, away: false, asked: 0 }
  const own = { steadyMs: () => state.steady, wallMs: () => START + state.steady + state.step }
  const query = () => {
    state.asked += 1
    if (state.away) return Promise.reject(new Error('away'))
    return Promise.resolve({ rows: [{ ms: START + state.steady + state.ahead }] })
  }
  const warnings: object[] = []
  const logger = { warn: (fields: object) => void warnings.push(fields) }
  const follow = () => followDatabaseClock({ query }, logger as never, own)
  return { state, warnings, follow }
}

const answered = () => new Promise(setImmediate)

test('tells the time of the database where the clocks differ, and says so', async () => {
  const { state, warnings, follow } = clocks()
  state.ahead = -600_000
  const clock = await follow()
  expect(clock.now()).toEqual(new Date(START + 5_000 - 600_000))
  expect(warnings).toEqual([{ seconds: 600 }])
  clock.stop()
})

test('does not move when the clock of its machine is set', async () => {
  const { state, follow } = clocks()
  const clock = await follow()
  state.steady += 1_000
  for (const step of [10_000, -61_000, 600_000, 0]) {
    state.step = step
    expect(clock.now()).toEqual(new Date(START + 6_000))
    await answered()
    expect(clock.now()).toEqual(new Date(START + 6_000))
  }
  clock.stop()
})

test('asks at once after its machine slept, in which the steady clock stood still', async () => {
  const { state, follow } = clocks()
  const clock = await follow()
  const hours = 8 * 3_600_000
  Object.assign(state, { step: hours, ahead: hours })
  clock.now()
  await answered()
  expect(clock.now()).toEqual(new Date(START + 5_000 + hours))
  clock.stop()
})

test('counts on while the database is away, and asks it once for each step', async () => {
  const { state, follow } = clocks()
  const clock = await follow()
  Object.assign(state, { away: true, step: 61_000, asked: 0 })
  for (let n = 0; n < 5; n += 1) {
    state.steady += 100
    expect(clock.now()).toEqual(new Date(START + state.steady))
    await answered()
  }
  expect(state.asked).toBe(1)
  clock.stop()
})

test('takes its own time until the database was reached for the first time', async () => {
  const { state, follow } = clocks()
  Object.assign(state, { away: true, ahead: 3_600_000 })
  const clock = await follow()
  expect(clock.now()).toEqual(new Date(START + 5_000))
  clock.stop()
})
