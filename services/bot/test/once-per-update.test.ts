import { randomBytes, randomInt } from 'node:crypto'
import { createLogger } from '@common-purse/kit/logger'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import type { Update } from 'telegraf/types'
import { required } from '../../../tests/support/settings.ts'
import { type Memory, openMemory } from '../src/memory.ts'
import { oncePerUpdate } from '../src/once-per-update.ts'

let memory: Memory
beforeAll(async () => {
  const prefix = `t${randomBytes(4).toString('hex')}:`
  memory = await openMemory(required('TEST_REDIS_URL'), prefix, createLogger('test', 'silent'))
})
afterAll(() => memory.stop())

const newUpdate = () => ({ update_id: randomInt(1e9), message: { text: '5 tea' } }) as unknown as Update

test('an update that is delivered again is not handled again', async () => {
  const update = newUpdate()
  const handled: Update[] = []
  const handle = (received: Update) => Promise.resolve(void handled.push(received))
  const once = oncePerUpdate(memory)
  await Promise.all([once(update, handle), once(update, handle), once(structuredClone(update), handle)])
  await oncePerUpdate(memory)(update, handle) // after a restart
  expect(handled).toHaveLength(1)
})

test('one that a process began and did not finish is taken over by the next', async () => {
  const update = newUpdate()
  const crash = () => Promise.reject(new Error('killed'))
  await expect(oncePerUpdate(memory)(update, crash)).rejects.toThrow('killed')
  let handled = 0
  await oncePerUpdate(memory)(update, () => Promise.resolve(void handled++))
  expect(handled).toBe(1)
})

test('another update under the same number, from a server that counts anew, is handled', async () => {
  const update = newUpdate()
  let handled = 0
  const once = oncePerUpdate(memory)
  await once(update, () => Promise.resolve(void handled++))
  await once({ ...update, message: { text: '6 tea' } } as unknown as Update, () =>
    Promise.resolve(void handled++),
  )
  expect(handled).toBe(2)
})
