import type { Role } from '@common-purse/contracts'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import {
  type AuthHouse,
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

const of = (family: Person, member: Person) => ({
  id: family.session.family.id,
  user_id: member.session.user.id,
})
const giveRole = (by: Person, member: Person, role: Role, family = by) =>
  auth.api.call('updateMember', { params: of(family, member), body: { role }, credentials: by.credentials })
const remove = (by: Person, member: Person, family = by) =>
  auth.api.call('removeMember', { params: of(family, member), credentials: by.credentials })
const rolesIn = async (family: Person): Promise<Record<string, Role>> => {
  const rows = await auth.rows<{ user_id: string; role: Role }>(
    'SELECT user_id, role FROM auth.family_members WHERE family_id = $1 AND removed_at IS NULL',
    [family.session.family.id],
  )
  return Object.fromEntries(rows.map(({ user_id, role }) => [user_id, role]))
}
const eventsOf = (family: Person, member: Person) =>
  auth.events('entity_id', `${family.session.family.id}:${member.session.user.id}`)
const me = (person: Person) => auth.api.call('getMe', { credentials: person.credentials })
const signIn = ({ email, password }: Person) => auth.api.call('login', { body: { email, password } })

describe('another role', () => {
  test('is answered, stored, and an event with the role before and after', async () => {
    const ann = await givenOwner(auth)
    const ben = await givenMember(auth, ann, 'child')
    expect(await giveRole(ann, ben, 'member')).toMatchObject({ user_id: ben.session.user.id, role: 'member' })
    expect((await rolesIn(ann))[ben.session.user.id]).toBe('member')
    const events = await eventsOf(ann, ben)
    expect(typesOf(events)).toEqual(['auth.member.joined.v1', 'auth.member.role_changed.v1'])
    expect(events[1]).toMatchObject({
      actorid: ann.session.user.id,
      data: {
        version: 2,
        old_values: { role: 'child' },
        new_values: { role: 'member', display_name: 'child' },
      },
    })
    // The auth service itself knows at once.
    expect((await me(ben)).family.role).toBe('member')
  })

  test('that is the same is no event', async () => {
    const ann = await givenOwner(auth)
    const ben = await givenMember(auth, ann, 'child')
    expect(await giveRole(ann, ben, 'child')).toMatchObject({ role: 'child' })
    expect(await eventsOf(ann, ben)).toHaveLength(1)
  })

  test.each(['adult', 'member', 'child', 'read_only'] as const)('is not for a %s to give', async (role) => {
    const ann = await givenOwner(auth)
    const [actor, kid] = [await givenMember(auth, ann, role), await givenMember(auth, ann, 'child')]
    await refused(giveRole(actor, kid, 'read_only', ann), 'permission_denied')
    await refused(giveRole(actor, actor, 'owner', ann), 'permission_denied')
    expect((await rolesIn(ann))[kid.session.user.id]).toBe('child')
  })

  test('of a stranger is not found, and an unknown role is named', async () => {
    const [ann, stranger] = [await givenOwner(auth), await givenOwner(auth)]
    await refused(giveRole(ann, stranger, 'child'), 'not_found')
    await refused(giveRole(stranger, ann, 'child', ann), 'not_found')
    const { problem } = await refused(giveRole(ann, ann, 'king' as Role), 'invalid_request')
    expect(problem.errors[0]!.field).toBe('role')
  })
})

describe('owners', () => {
  test('can be several, and the last one stays', async () => {
    const ann = await givenOwner(auth)
    const ben = await givenMember(auth, ann, 'adult')
    await refused(giveRole(ann, ann, 'adult'), 'last_owner')
    await refused(remove(ann, ann), 'last_owner')
    await giveRole(ann, ben, 'owner')
    expect(await giveRole(ann, ann, 'adult')).toMatchObject({ role: 'adult' })
    expect(await rolesIn(ann)).toEqual({ [ann.session.user.id]: 'adult', [ben.session.user.id]: 'owner' })
    await refused(remove(ben, ben, ann), 'last_owner')
  })

  test('who demote each other at the same moment leave one', async () => {
    for (let round = 0; round < 5; round++) {
      const ann = await givenOwner(auth)
      const ben = await givenMember(auth, ann, 'adult')
      await giveRole(ann, ben, 'owner')
      await Promise.allSettled([giveRole(ann, ben, 'child'), giveRole(ben, ann, 'child', ann)])
      expect(Object.values(await rolesIn(ann)).filter((role) => role === 'owner')).toHaveLength(1)
    }
  })

  test('who leave at the same moment leave one', async () => {
    const ann = await givenOwner(auth)
    const ben = await givenMember(auth, ann, 'adult')
    await giveRole(ann, ben, 'owner')
    const outcomes = await Promise.allSettled([remove(ann, ann), remove(ben, ben, ann)])
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    expect(Object.values(await rolesIn(ann))).toEqual(['owner'])
  })
})

describe('removing', () => {
  test('ends the membership, its tokens here, and is an event with what was', async () => {
    const ann = await givenOwner(auth)
    const ben = await givenMember(auth, ann, 'member')
    await remove(ann, ben)
    expect(await rolesIn(ann)).toEqual({ [ann.session.user.id]: 'owner' })
    const events = await eventsOf(ann, ben)
    expect(events[1]).toMatchObject({
      type: 'auth.member.removed.v1',
      data: { version: 2, old_values: { role: 'member', user_id: ben.session.user.id }, new_values: null },
    })
    await refused(me(ben), 'token_revoked')
    const refresh = auth.api.call('refreshToken', { body: { refresh_token: ben.session.refresh_token } })
    await refused(refresh, 'refresh_token_invalid')
    await refused(remove(ann, ben), 'not_found')
  })

  test('reaches up to one’s own role', async () => {
    const ann = await givenOwner(auth)
    const adult = await givenMember(auth, ann, 'adult')
    const other = await givenMember(auth, ann, 'adult')
    const kid = await givenMember(auth, ann, 'child')
    const { problem } = await refused(remove(adult, ann, ann), 'permission_denied')
    expect(problem.detail).toContain('member.remove')
    await refused(remove(kid, other, ann), 'permission_denied')
    await remove(adult, other, ann)
    await remove(adult, kid, ann)
    expect(Object.values(await rolesIn(ann)).toSorted()).toEqual(['adult', 'owner'])
  })

  test('oneself is leaving, and needs no permission', async () => {
    const ann = await givenOwner(auth)
    const kid = await givenMember(auth, ann, 'child')
    await remove(kid, kid, ann)
    expect((await eventsOf(ann, kid)).at(-1)).toMatchObject({
      type: 'auth.member.removed.v1',
      actorid: kid.session.user.id,
    })
  })

  test('takes back what the person invited others with, and so does a lower role', async () => {
    const ann = await givenOwner(auth)
    const ben = await givenMember(auth, ann, 'adult')
    const invite = (role: Role) =>
      auth.api.call('createInvitation', {
        params: { id: ann.session.family.id },
        body: { role },
        credentials: ben.credentials,
      })
    const invitation = await invite('child')
    await giveRole(ann, ben, 'member')
    const events = await auth.events('entity_id', invitation.id)
    expect(events.map(({ data }) => data)).toMatchObject([
      { version: 1 },
      { version: 2, new_values: { cause: 'inviter_demoted' } },
    ])
    const accept = auth.api.call('acceptInvitation', {
      body: { token: invitation.token },
      credentials: (await givenOwner(auth)).credentials,
    })
    await refused(accept, 'invitation_expired')
    await giveRole(ann, ben, 'adult')
    const second = await invite('adult')
    await remove(ann, ben)
    expect((await auth.events('entity_id', second.id)).at(-1)).toMatchObject({
      data: { new_values: { cause: 'inviter_removed' } },
    })
  })
})

test('an invitation made at the moment of the removal does not outlive it', async () => {
  const ann = await givenOwner(auth)
  const ben = await givenMember(auth, ann, 'adult')
  const invite = () =>
    auth.api.call('createInvitation', {
      params: { id: ann.session.family.id },
      body: { role: 'child' },
      credentials: ben.credentials,
    })
  await Promise.allSettled([...Array.from({ length: 5 }, invite), remove(ann, ben), invite()])
  const open = await auth.rows(
    'SELECT id FROM auth.invitations WHERE created_by = $1 AND used_at IS NULL AND revoked_at IS NULL',
    [ben.session.user.id],
  )
  expect(open).toEqual([])
})

describe('somebody in no family', () => {
  test('signs in to one of their own, and can be invited again', async () => {
    const ann = await givenOwner(auth)
    const ben = await givenMember(auth, ann, 'member')
    await remove(ann, ben)
    const [one, other] = await Promise.all([signIn(ben), signIn(ben)])
    expect(one.family).toEqual({ id: other.family.id, name: 'member', role: 'owner' })
    const events = await auth.events('family_id', one.family.id)
    expect(typesOf(events).slice(0, 3)).toEqual([
      'auth.family.created.v1',
      'auth.member.joined.v1',
      'auth.session.started.v1',
    ])
    const { token } = await auth.api.call('createInvitation', {
      params: { id: ann.session.family.id },
      body: { role: 'child' },
      credentials: ann.credentials,
    })
    const credentials = { accessToken: one.access_token, signingKey: one.signing_key }
    const { family } = await auth.api.call('acceptInvitation', { body: { token }, credentials })
    expect(family).toMatchObject({ id: ann.session.family.id, role: 'child' })
    // The membership that was goes on counting, so that tokens of before stay dead.
    expect((await eventsOf(ann, ben)).map(({ data }) => data.version)).toEqual([1, 2, 3])
  })
})
