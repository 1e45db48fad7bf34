import { randomBytes, randomUUID } from 'node:crypto'
import type { DomainEvent } from '@common-purse/contracts'
import { createLogger } from '@common-purse/kit/logger'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { required } from '../../../tests/support/settings.ts'
import { type Memory, openMemory } from '../src/memory.ts'
import { createPeople, type People } from '../src/notices/people.ts'
import type { BotSession } from '../src/session-store.ts'

let memory: Memory
let people: People
beforeAll(async () => {
  const prefix = `t${randomBytes(4).toString('hex')}:`
  memory = await openMemory(required('TEST_REDIS_URL'), prefix, createLogger('test', 'silent'))
  people = createPeople(memory)
})
afterAll(() => memory.stop())

const event = (
  action: string,
  version: number,
  values: { old_values?: object; new_values?: object },
): DomainEvent =>
  ({ type: `auth.${action}.v1`, data: { version, old_values: null, new_values: null, ...values } }) as never

function givenPerson() {
  const [user_id, family_id, telegram_id] = [
    randomUUID(),
    randomUUID(),
    String(randomBytes(4).readUInt32BE()),
  ]
  const member = (role: string) => ({ family_id, user_id, role, display_name: 'Ann' })
  const events = {
    joined: event('member.joined', 1, { new_values: member('member') }),
    promoted: event('member.role_changed', 2, { old_values: member('member'), new_values: member('adult') }),
    removed: event('member.removed', 3, { old_values: member('adult') }),
    bound: event('telegram.bound', 2, { new_values: { telegram_id, user_id } }),
    unbound: event('telegram.unbound', 3, {
      old_values: { telegram_id, user_id },
      new_values: { telegram_id, user_id: null },
    }),
  }
  return { userId: user_id, familyId: family_id, telegramId: telegram_id, events }
}

/** Every order of some things. */
const ordersOf = <Thing>(things: Thing[]): Thing[][] =>
  things.length < 2
    ? [things]
    : things.flatMap((thing) =>
        ordersOf(things.filter((other) => other !== thing)).map((rest) => [thing, ...rest]),
      )

test('a linked member is known with their role, in whatever order and however often it was told', async () => {
  for (const order of ordersOf(['joined', 'promoted', 'bound'] as const)) {
    const { userId, familyId, telegramId, events } = givenPerson()
    for (const name of [...order, ...order]) await people.apply(events[name])
    expect(await people.membersOf(familyId)).toEqual([{ userId, telegramId, role: 'adult' }])
    expect(await people.telegramOf(userId)).toBe(telegramId)
    expect(await people.familiesOf(userId)).toEqual([familyId])
  }
})

test('whoever has left or unlinked is not known any more, though older events come again', async () => {
  for (const order of ordersOf(['joined', 'promoted', 'removed', 'bound'] as const)) {
    const { familyId, events } = givenPerson()
    await Promise.all(order.map((name) => people.apply(events[name])))
    expect(await people.membersOf(familyId)).toEqual([])
  }
  for (const order of ordersOf(['joined', 'bound', 'unbound'] as const)) {
    const { userId, familyId, events } = givenPerson()
    await Promise.all(order.map((name) => people.apply(events[name])))
    expect(await people.membersOf(familyId)).toEqual([])
    expect(await people.telegramOf(userId)).toBeUndefined()
  }
})

test('an account that changes hands is its new person’s alone', async () => {
  const [first, second] = [givenPerson(), givenPerson()]
  const { telegramId } = first
  for (const name of ['joined', 'bound', 'unbound'] as const) await people.apply(first.events[name])
  await people.apply(second.events.joined)
  const values = { telegram_id: telegramId, user_id: second.userId }
  await people.apply(event('telegram.bound', 5, { new_values: values }))
  expect(await people.telegramOf(first.userId)).toBeUndefined()
  expect(await people.telegramOf(second.userId)).toBe(telegramId)
  expect(await people.membersOf(first.familyId)).toEqual([])
})

test('a session says who somebody is where no event has, and nothing against one', async () => {
  const { userId, familyId, telegramId, events } = givenPerson()
  const session = { userId, family: { id: familyId, name: 'F', role: 'owner' } } as BotSession
  await people.note(telegramId, session)
  expect(await people.membersOf(familyId)).toEqual([{ userId, telegramId, role: 'owner' }])
  for (const name of ['joined', 'removed', 'bound'] as const) await people.apply(events[name])
  await people.note(telegramId, session)
  expect(await people.membersOf(familyId)).toEqual([])
})
