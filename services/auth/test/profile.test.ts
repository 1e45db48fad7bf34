import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { type AuthHouse, givenOwner, type Person, refused, startAuthHouse } from './auth-house.ts'

let auth: AuthHouse
beforeAll(async () => {
  auth = await startAuthHouse()
})
afterAll(() => auth.stop())

const rename = (by: Person, body: { display_name: string }) =>
  auth.api.call('updateMe', { body, credentials: by.credentials })
const updatesOf = async (person: Person) =>
  (await auth.events('entity_id', person.session.user.id)).filter(
    ({ type }) => type === 'auth.user.updated.v1',
  )

describe('changing one’s name', () => {
  test('answers the whole profile and is an event with both names', async () => {
    const ann = await givenOwner(auth)
    const me = await rename(ann, { display_name: 'Anna' })
    expect(me).toEqual(await auth.api.call('getMe', { credentials: ann.credentials }))
    expect(me.user.display_name).toBe('Anna')
    expect((await updatesOf(ann)).map(({ data }) => data)).toMatchObject([
      { version: 2, old_values: { display_name: 'Ann' }, new_values: { display_name: 'Anna' } },
    ])
  })

  test('to the same name is no event', async () => {
    const ann = await givenOwner(auth)
    await rename(ann, { display_name: 'Ann' })
    expect(await updatesOf(ann)).toEqual([])
  })

  test.each([[{ display_name: ' ' }], [{ display_name: 'a\nb' }], [{ display_name: 7 }], [{}]])(
    'to %j is refused, and nothing changes',
    async (body) => {
      const ann = await givenOwner(auth)
      const { problem } = await refused(rename(ann, body as { display_name: string }), 'invalid_request')
      expect(problem.errors[0]!.field).toBe('display_name')
      expect(await updatesOf(ann)).toEqual([])
    },
  )

  test.each(['email', 'id', 'role', 'totp_enabled'])('takes no %s', async (field) => {
    const ann = await givenOwner(auth)
    const { problem } = await refused(rename(ann, { display_name: 'Anna', [field]: 'x' }), 'invalid_request')
    expect(problem.errors).toEqual([{ field, message: 'Unknown field' }])
  })

  test('keeps e-mail addresses out of the events', async () => {
    const ann = await givenOwner(auth)
    await rename(ann, { display_name: 'Anna' })
    const events = await auth.events('family_id', ann.session.family.id)
    expect(events.length).toBeGreaterThan(3)
    expect(JSON.stringify(events)).not.toContain(ann.email)
  })
})
