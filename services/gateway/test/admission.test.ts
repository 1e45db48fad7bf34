import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { createLogger } from '@common-purse/kit/logger'
import { createStopStack } from '@common-purse/kit/stop-stack'
import { Redis } from 'ioredis'
import { required } from '../../../tests/support/settings.ts'
import { type Admission, createAdmission } from '../src/admission.ts'
import { createNonceMemory } from '../src/nonce-memory.ts'
import { openRedis } from '../src/redis-link.ts'

const stack = createStopStack()
const prefix = `t${randomUUID()}:`
let redis: Redis
let admission: Admission
beforeAll(async () => {
  redis = new Redis(required('TEST_REDIS_URL'))
  stack.push(() => redis.disconnect())
  const logger = createLogger('gateway', 'silent')
  const memory = createNonceMemory(prefix, () => new Date())
  const link = openRedis({
    url: required('TEST_REDIS_URL'),
    timeoutMs: 5_000,
    logger,
    arrive: memory.arrive,
  })
  stack.push(link.stop)
  await link.ready
  admission = createAdmission(link, memory, prefix)
})
afterAll(() => stack.stop())

const seconds = () => Math.floor(Date.now() / 1000)
const counter = (name: string, count = 100) => ({ name, subject: randomUUID(), rate: { count, seconds: 60 } })
const nonce = (keepUntil: number) => ({
  keyId: `v1.${randomUUID()}`,
  nonce: randomUUID(),
  notBefore: seconds() + 10,
  keepUntil,
})

test('nobody can tell of a nonce that Redis would have forgotten by its own clock', async () => {
  const stale = nonce(seconds() - 1)
  expect(await admission.admit([counter('address')], stale)).toMatchObject({ verdict: 'unknown' })
  expect(await admission.admit([counter('address')], stale)).toMatchObject({ verdict: 'unknown' })
  expect(await admission.admit([counter('address')], nonce(seconds() + 60))).toMatchObject({ verdict: 'new' })
})

test('what comes after a counter above its limit is looked at and not counted, and the nonce is forgotten', async () => {
  const [address, user, family] = [counter('address'), counter('user', 1), counter('family')]
  const fresh = nonce(seconds() + 60)
  const counts = async (given?: typeof fresh) => {
    const { hits, verdict } = await admission.admit([address, user, family], given)
    return [hits.map(({ count }) => count), verdict]
  }
  expect(await counts(nonce(seconds() + 60))).toEqual([[1, 1, 1], 'new'])
  expect(await counts(fresh)).toEqual([[2, 2, 1], undefined])
  expect(await admission.admit([counter('address')], fresh)).toMatchObject({ verdict: 'new' })
  expect(await counts()).toEqual([[3, 3, 1], undefined])
})

test('above the limit of the address nothing else is done', async () => {
  const [address, user] = [counter('address', 1), counter('user')]
  const fresh = nonce(seconds() + 60)
  await admission.admit([address])
  const refused = await admission.admit([address, user], fresh)
  expect(refused.hits.map(({ count }) => count)).toEqual([2, 0])
  expect(refused.verdict).toBeUndefined()
  expect(await admission.admit([counter('address')], fresh)).toMatchObject({ verdict: 'new' })
})

test('a counter that lost its end gets a new one', async () => {
  const user = counter('user')
  await admission.admit([user])
  await redis.persist(`${prefix}rate:{user:${user.subject}}`)
  const { hits } = await admission.admit([user])
  expect(hits).toEqual([{ count: 2, leftMs: 60_000 }])
})
