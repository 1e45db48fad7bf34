import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import {
  type AuthHouse,
  credentialsOf,
  givenMember,
  givenOwner,
  type Person,
  refused,
  startAuthHouse,
  typesOf,
} from './auth-house.ts'

let auth: AuthHouse
beforeAll(async () => {
  auth = await startAuthHouse()
})
afterAll(() => auth.stop())

const create = (by: Person, name: string, idempotencyKey?: string) =>
  auth.api.call('createFamily', {
    body: { name },
    credentials: by.credentials,
    ...(idempotencyKey ? { idempotencyKey } : {}),
  })
const get = (by: Person, id: string) =>
  auth.api.call('getFamily', { params: { id }, credentials: by.credentials })
const rename = (by: Person, id: string, name: string) =>
  auth.api.call('updateFamily', { params: { id }, body: { name }, credentials: by.credentials })
const list = (by: Person, query = {}) => auth.api.call('listFamilies', { query, credentials: by.credentials })
/** The same person with their session moved to another family. */
const inFamily = async (person: Person, id: string): Promise<Person> => {
  const session = await auth.api.call('refreshToken', {
    body: { refresh_token: person.session.refresh_token, family_id: id },
  })
  return { ...person, session, credentials: credentialsOf(session) }
}

describe('a further family', () => {
  test('has its maker as owner, its own trail, and is there to switch to', async () => {
    const ann = await givenOwner(auth)
    const family = await create(ann, 'Book club')
    expect(family).toMatchObject({ name: 'Book club', role: 'owner' })
    expect(await get(ann, family.id)).toEqual(family)
    const events = await auth.events('family_id', family.id)
    expect(typesOf(events)).toEqual(['auth.family.created.v1', 'auth.member.joined.v1'])
    expect(events[0]).toMatchObject({
      actorid: ann.session.user.id,
      data: { new_values: { name: 'Book club' } },
    })
    // The session works in the family it was in, until it is told otherwise.
    expect((await auth.api.call('getMe', { credentials: ann.credentials })).family.id).toBe(
      ann.session.family.id,
    )
    const moved = await inFamily(ann, family.id)
    expect(moved.session.family).toEqual({ id: family.id, name: 'Book club', role: 'owner' })
  })

  test('is made once for a repeated request', async () => {
    const ann = await givenOwner(auth)
    const first = await create(ann, 'Twice', 'one-key')
    expect(await create(ann, 'Twice', 'one-key')).toEqual(first)
    expect((await list(ann)).items).toHaveLength(2)
    await refused(create(ann, 'Another', 'one-key'), 'idempotency_key_reused')
  })

  test.each([[{}], [{ name: '' }], [{ name: 'a\u0000b' }], [{ name: 5 }], [{ name: 'x'.repeat(81) }]])(
    'named %j is refused',
    async (body) => {
      const ann = await givenOwner(auth)
      const call = auth.api.call('createFamily', {
        body: body as { name: string },
        credentials: ann.credentials,
      })
      expect((await refused(call, 'invalid_request')).problem.errors[0]!.field).toBe('name')
      expect((await list(ann)).items).toHaveLength(1)
    },
  )
})

describe('the list of one’s families', () => {
  test('is one’s own, the one joined first at the front, page by page', async () => {
    const ann = await givenOwner(auth)
    await create(ann, 'Second')
    await create(ann, 'Third')
    const first = await list(ann, { limit: '2' })
    const second = await list(ann, { limit: '2', cursor: first.next_cursor! })
    expect([...first.items, ...second.items].map(({ name }) => name)).toEqual(['The Anns', 'Second', 'Third'])
    expect(second.next_cursor).toBeNull()
    const stranger = await givenOwner(auth)
    const wrong = auth.api.call('listFamilies', {
      query: { cursor: first.next_cursor! },
      credentials: stranger.credentials,
    })
    expect((await refused(wrong, 'invalid_request')).problem.errors[0]!.field).toBe('cursor')
  })
})

describe('renaming', () => {
  test('is an event with the old and the new name; the same name again is none', async () => {
    const ann = await givenOwner(auth)
    const { id } = ann.session.family
    expect(await rename(ann, id, 'The Smiths')).toMatchObject({ id, name: 'The Smiths' })
    await rename(ann, id, 'The Smiths')
    const events = (await auth.events('entity_id', id)).filter(
      ({ type }) => type === 'auth.family.updated.v1',
    )
    expect(events.map(({ data }) => data)).toMatchObject([
      { version: 2, old_values: { name: 'The Anns' }, new_values: { name: 'The Smiths' } },
    ])
  })

  test('is for owners; a stranger finds nothing', async () => {
    const ann = await givenOwner(auth)
    const adult = await givenMember(auth, ann, 'adult')
    const stranger = await givenOwner(auth)
    const { id } = ann.session.family
    await refused(rename(adult, id, 'Mine'), 'permission_denied')
    await refused(rename(stranger, id, 'Mine'), 'not_found')
    await refused(get(stranger, id), 'not_found')
    expect((await get(ann, id)).name).toBe('The Anns')
  })
})

describe('whose role counts', () => {
  test('is the one in the family that the path names, whichever family the token is for', async () => {
    const ann = await givenOwner(auth)
    const kid = await givenMember(auth, ann, 'child')
    const club = await create(kid, 'Kids’ club')
    // A child in the token's family, the owner of the path's.
    expect(await rename(kid, club.id, 'The club')).toMatchObject({ name: 'The club', role: 'owner' })
    // The owner in the token's family, a child in the path's.
    const there = await inFamily(kid, club.id)
    expect(there.session.family.role).toBe('owner')
    await refused(rename(there, ann.session.family.id, 'Mine'), 'permission_denied')
    const invite = auth.api.call('createInvitation', {
      params: { id: ann.session.family.id },
      body: { role: 'child' },
      credentials: there.credentials,
    })
    await refused(invite, 'permission_denied')
    expect((await get(ann, ann.session.family.id)).name).toBe('The Anns')
  })
})
