import { randomBytes } from 'node:crypto'
import { createLogger } from '@common-purse/kit/logger'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { eventually } from '../../../tests/support/eventually.ts'
import { required } from '../../../tests/support/settings.ts'
import { type Memory, openMemory } from '../src/memory.ts'
import { holdLease, type Lease } from '../src/updates/hold-lease.ts'

const prefix = `t${randomBytes(4).toString('hex')}:`
const open = () => openMemory(required('TEST_REDIS_URL'), prefix, createLogger('test', 'silent'))

let memory: Memory
beforeAll(async () => {
  memory = await open()
})
afterAll(() => memory.stop())

const isMine = (lease: Lease) => () => Promise.resolve(lease.signal() !== undefined)
const becomesMine = (lease: Lease) => eventually(isMine(lease), (mine) => mine, 20_000)

test('one of two holds it, and the other as soon as the first has stopped', async () => {
  const one = holdLease(memory, 'stopped')
  await becomesMine(one)
  const signal = one.signal()!
  const other = holdLease(memory, 'stopped')
  await one.stop()
  expect(signal.aborted).toBe(true)
  await becomesMine(other)
  await other.stop()
})

test('it is taken over from one that was killed', async () => {
  const killed = await open()
  const one = holdLease(killed, 'killed')
  await becomesMine(one)
  const other = holdLease(memory, 'killed')
  killed.stop() // says nothing any more
  await becomesMine(other)
  await other.stop()
  await one.stop()
})

test('who lost it to another is told to end what it does', async () => {
  const one = holdLease(memory, 'emptied')
  await becomesMine(one)
  const signal = one.signal()!
  // Redis was emptied and another was quicker.
  await memory.set('lease:emptied', 'another', 60)
  await eventually(
    () => Promise.resolve(signal.aborted),
    (aborted) => aborted,
  )
  expect(one.signal()).toBeUndefined()
  await one.stop()
  expect(await memory.get('lease:emptied')).toBe('another')
})

test('without the memory who has just started goes on, and keeps it when the memory is back', async () => {
  let away = true
  const fickle: Memory = {
    ...memory,
    evaluate: (...asked) => (away ? Promise.reject(new Error('away')) : memory.evaluate(...asked)),
  }
  const one = holdLease(fickle, 'away')
  await becomesMine(one)
  away = false
  await eventually(
    () => memory.get('lease:away'),
    (holder) => holder !== undefined,
  )
  const other = holdLease(memory, 'away')
  away = true
  expect(one.signal()).toBeDefined()
  await one.stop()
  await other.stop()
})
