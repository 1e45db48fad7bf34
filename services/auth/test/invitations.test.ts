import { type Role, roles } from '@common-purse/contracts'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import {
  type AuthHouse,
  givenMember,
  givenOwner,
  newEmail,
  newPassword,
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

const invite = (
  by: Person,
  role: Role,
  more: { email?: string; id?: string; idempotencyKey?: string } = {},
) =>
  auth.api.call('createInvitation', {
    params: { id: more.id ?? by.session.family.id },
    body: { role, ...(more.email ? { email: more.email } : {}) },
    credentials: by.credentials,
    ...(more.idempotencyKey ? { idempotencyKey: more.idempotencyKey } : {}),
  })
const registerBy = (token: string, email = newEmail()) =>
  auth.api.call('register', {
    body: { email, password: newPassword(), display_name: 'Ben', invitation_token: token },
  })
const accept = (by: Person, token: string) =>
  auth.api.call('acceptInvitation', { body: { token }, credentials: by.credentials })

describe('inviting', () => {
  test('answers a token once, keeps its hash, and is an event without it', async () => {
    const owner = await givenOwner(auth)
    const invitation = await invite(owner, 'child', { email: 'Kid@Example.org' })
    expect(Date.parse(invitation.expires_at) - Date.now()).toBeGreaterThan(259_000_000)
    const [event] = await auth.events('entity_id', invitation.id)
    expect(event).toMatchObject({
      type: 'auth.member.invited.v1',
      familyid: owner.session.family.id,
      data: {
        entity_type: 'invitation',
        version: 1,
        new_values: { role: 'child', for_email: true },
      },
    })
    const [row] = await auth.rows<{ everything: string }>(
      `SELECT (SELECT json_agg(i) FROM auth.invitations i)::text || (SELECT json_agg(o) FROM auth.outbox o)::text
           || (SELECT json_agg(k) FROM auth.idempotency_keys k)::text AS everything`,
    )
    expect(row!.everything).toContain(invitation.id)
    expect(row!.everything).not.toContain(invitation.token)
  })

  test('a repeat with the same key shows the same token and invites once; another body is refused', async () => {
    const owner = await givenOwner(auth)
    const first = await invite(owner, 'child', { idempotencyKey: 'invite-once' })
    expect(await invite(owner, 'child', { idempotencyKey: 'invite-once' })).toEqual(first)
    await refused(invite(owner, 'adult', { idempotencyKey: 'invite-once' }), 'idempotency_key_reused')
    expect(
      await auth.rows('SELECT id FROM auth.invitations WHERE family_id = $1', [owner.session.family.id]),
    ).toHaveLength(1)
  })

  test('owners invite everybody, adults up to adults, the others nobody', async () => {
    const owner = await givenOwner(auth)
    for (const role of roles) expect((await invite(owner, role)).role).toBe(role)
    const adult = await givenMember(auth, owner, 'adult')
    await invite(adult, 'adult')
    const { problem } = await refused(invite(adult, 'owner'), 'permission_denied')
    expect(problem.detail).toMatch(/member\.invite.*owner/)
    for (const role of ['member', 'child', 'read_only'] as const) {
      const person = await givenMember(auth, owner, role)
      const refusal = await refused(invite(person, 'read_only'), 'permission_denied')
      expect(refusal.problem.detail).toMatch(/member\.invite.*owner, adult/)
    }
  })

  test('into somebody else’s family, or one that does not exist, is not found', async () => {
    const owner = await givenOwner(auth)
    const stranger = await givenOwner(auth, 'Eve')
    await refused(invite(stranger, 'adult', { id: owner.session.family.id }), 'not_found')
    await refused(invite(stranger, 'adult', { id: '00000000-0000-4000-8000-000000000000' }), 'not_found')
    await refused(invite(stranger, 'adult', { id: 'x' }), 'not_found')
    expect(
      await auth.rows('SELECT 1 FROM auth.invitations WHERE family_id = $1', [owner.session.family.id]),
    ).toEqual([])
  })

  test('names a wrong role, and needs a token', async () => {
    const owner = await givenOwner(auth)
    const { problem } = await refused(invite(owner, 'king' as Role), 'invalid_request')
    expect(problem.errors[0]!.field).toBe('role')
    await refused(invite({ ...owner, credentials: {} }, 'child'), 'unauthenticated')
  })
})

describe('joining', () => {
  test('by registering: a member of that family with that role', async () => {
    const owner = await givenOwner(auth)
    const invitation = await invite(owner, 'child')
    const session = await registerBy(invitation.token)
    expect(session.family).toEqual({ ...owner.session.family, role: 'child' })
    const [joined] = await auth.events('entity_id', `${owner.session.family.id}:${session.user.id}`)
    expect(joined).toMatchObject({
      type: 'auth.member.joined.v1',
      actorid: session.user.id,
      data: {
        entity_type: 'member',
        new_values: {
          family_id: owner.session.family.id,
          user_id: session.user.id,
          display_name: 'Ben',
          role: 'child',
          invitation_id: invitation.id,
        },
      },
    })
    await refused(registerBy(invitation.token), 'invitation_expired')
  })

  test('by an account one has; the session stays where it is', async () => {
    const owner = await givenOwner(auth)
    const person = await givenOwner(auth, 'Ben')
    const { token } = await invite(owner, 'adult')
    expect(await accept(person, token)).toEqual({ family: { ...owner.session.family, role: 'adult' } })
    const me = await auth.api.call('getMe', { credentials: person.credentials })
    expect(me.family.id).toBe(person.session.family.id)
    expect(me.families.map(({ id }) => id)).toEqual([person.session.family.id, owner.session.family.id])
    const another = await invite(owner, 'child')
    await refused(accept(person, another.token), 'already_member')
    await registerBy(another.token) // the refusal did not use it up
  })

  test('ten at once by one invitation: one comes in', async () => {
    const owner = await givenOwner(auth)
    const { token } = await invite(owner, 'child')
    const answers = await Promise.allSettled(Array.from({ length: 10 }, () => registerBy(token)))
    expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    const events = await auth.events('family_id', owner.session.family.id)
    expect(typesOf(events).filter((type) => type === 'auth.member.joined.v1')).toHaveLength(2)
  })

  test('only by the person whom the invitation names', async () => {
    const owner = await givenOwner(auth)
    const email = newEmail()
    const { token } = await invite(owner, 'child', { email })
    await refused(registerBy(token), 'not_found')
    await refused(accept(await givenOwner(auth, 'Eve'), token), 'not_found')
    expect((await registerBy(token, email)).family.role).toBe('child')
  })

  test('not after three days, and not by a made-up token', async () => {
    const owner = await givenOwner(auth)
    const person = await givenOwner(auth, 'Ben')
    const { id, token } = await invite(owner, 'child')
    await auth.rows(`UPDATE auth.invitations SET expires_at = now() WHERE id = $1`, [id])
    await refused(accept(person, token), 'invitation_expired')
    await refused(accept(person, 'made-up'), 'not_found')
    await refused(accept({ ...person, credentials: {} }, token), 'unauthenticated')
    const { problem } = await refused(
      auth.api.call('acceptInvitation', { body: { token: '' }, credentials: person.credentials }),
      'invalid_request',
    )
    expect(problem.errors[0]!.field).toBe('token')
  })

  test('again after having been removed: the member’s events go on counting', async () => {
    const owner = await givenOwner(auth)
    const person = await givenOwner(auth, 'Ben')
    await accept(person, (await invite(owner, 'adult')).token)
    await auth.rows(
      'UPDATE auth.family_members SET removed_at = now() WHERE family_id = $1 AND user_id = $2',
      [owner.session.family.id, person.session.user.id],
    )
    await accept(person, (await invite(owner, 'child')).token)
    const events = await auth.events('entity_id', `${owner.session.family.id}:${person.session.user.id}`)
    expect(events.map(({ data }) => [data.version, data.new_values!['role']])).toEqual([
      [1, 'adult'],
      [2, 'child'],
    ])
  })
})

describe('the members of a family', () => {
  const list = (by: Person, query: Record<string, string> = {}, id = by.session.family.id) =>
    auth.api.call('listMembers', { params: { id }, query, credentials: by.credentials })

  test('are seen by every member, page by page in the order in which they came', async () => {
    const owner = await givenOwner(auth)
    const child = await givenMember(auth, owner, 'child')
    const reader = await givenMember(auth, owner, 'read_only')
    const people = [owner, child, reader].map(({ session }) => session.user.id)
    const { items, next_cursor } = await list(reader)
    expect(items.map(({ user_id }) => user_id)).toEqual(people)
    expect(items[1]).toMatchObject({ display_name: 'child', role: 'child' })
    expect(next_cursor).toBeNull()
    const seen: string[] = []
    for (let cursor: string | null | undefined; cursor !== null;) {
      const page = await list(child, { limit: '1', ...(cursor ? { cursor } : {}) })
      seen.push(...page.items.map(({ user_id }) => user_id))
      cursor = page.next_cursor
    }
    expect(seen).toEqual(people)
  })

  test('are not found by others; a made-up cursor or limit is named', async () => {
    const owner = await givenOwner(auth)
    const stranger = await givenOwner(auth, 'Eve')
    await refused(list(stranger, {}, owner.session.family.id), 'not_found')
    await refused(list({ ...owner, credentials: {} }), 'unauthenticated')
    for (const query of [{ cursor: 'abc' }, { limit: '0' }, { limit: '101' }]) {
      const { problem } = await refused(list(owner, query), 'invalid_request')
      expect(problem.errors[0]!.field).toBe(Object.keys(query)[0])
    }
  })
})
