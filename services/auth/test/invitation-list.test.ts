import type { Role } from '@common-purse/contracts'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import {
  type AuthHouse,
  givenMember,
  givenOwner,
  newEmail,
  type Person,
  refused,
  startAuthHouse,
} from './auth-house.ts'

let auth: AuthHouse
beforeAll(async () => {
  auth = await startAuthHouse()
})
afterAll(() => auth.stop())

const invite = (by: Person, body: { role: Role; email?: string }) =>
  auth.api.call('createInvitation', {
    params: { id: by.session.family.id },
    body,
    credentials: by.credentials,
  })
const list = (by: Person, query = {}, id = by.session.family.id) =>
  auth.api.call('listInvitations', { params: { id }, query, credentials: by.credentials })
const revoke = (by: Person, invitationId: string, id = by.session.family.id) =>
  auth.api.call('revokeInvitation', {
    params: { id, invitation_id: invitationId },
    credentials: by.credentials,
  })
const accept = async (token: string) =>
  auth.api.call('acceptInvitation', { body: { token }, credentials: (await givenOwner(auth)).credentials })

describe('the list of invitations', () => {
  test('has what can still be used, newest first, without tokens', async () => {
    const ann = await givenOwner(auth)
    const email = newEmail()
    const first = await invite(ann, { role: 'child', email })
    const used = await invite(ann, { role: 'adult' })
    const last = await invite(ann, { role: 'member' })
    await accept(used.token)
    const page = await list(ann, { limit: '1' })
    expect(page.items.map(({ id }) => id)).toEqual([last.id])
    const rest = await list(ann, { cursor: page.next_cursor! })
    expect(rest).toEqual({
      items: [
        {
          id: first.id,
          role: 'child',
          email,
          created_by: ann.session.user.id,
          created_at: expect.any(String),
          expires_at: first.expires_at,
        },
      ],
      next_cursor: null,
    })
    expect(JSON.stringify([page, rest])).not.toContain(last.token)
  })

  test('is for who may invite, of one’s own family', async () => {
    const [ann, stranger] = [await givenOwner(auth), await givenOwner(auth)]
    const adult = await givenMember(auth, ann, 'adult')
    const kid = await givenMember(auth, ann, 'child')
    expect((await list(adult)).items).toEqual([])
    await refused(list(kid), 'permission_denied')
    await refused(list(stranger, {}, ann.session.family.id), 'not_found')
  })
})

describe('taking an invitation back', () => {
  test('ends it, with an event', async () => {
    const ann = await givenOwner(auth)
    const adult = await givenMember(auth, ann, 'adult')
    const invitation = await invite(ann, { role: 'child' })
    await revoke(adult, invitation.id)
    expect((await list(ann)).items).toEqual([])
    await refused(accept(invitation.token), 'invitation_expired')
    expect((await auth.events('entity_id', invitation.id)).at(-1)).toMatchObject({
      type: 'auth.member.invitation_revoked.v1',
      actorid: adult.session.user.id,
      data: { version: 2, new_values: { role: 'child', cause: 'revoked' } },
    })
    await refused(revoke(ann, invitation.id), 'invitation_expired')
  })

  test('is not for a child, nor of another family, nor of one that was used', async () => {
    const [ann, stranger] = [await givenOwner(auth), await givenOwner(auth)]
    const kid = await givenMember(auth, ann, 'child')
    const invitation = await invite(ann, { role: 'child' })
    await refused(revoke(kid, invitation.id), 'permission_denied')
    await refused(revoke(stranger, invitation.id), 'not_found')
    await refused(revoke(stranger, invitation.id, ann.session.family.id), 'not_found')
    await accept(invitation.token)
    await refused(revoke(ann, invitation.id), 'invitation_expired')
  })

  test('and using it at the same moment: one of both', async () => {
    const ann = await givenOwner(auth)
    const guest = await givenOwner(auth)
    const { id, token } = await invite(ann, { role: 'child' })
    const outcomes = await Promise.allSettled([
      revoke(ann, id),
      auth.api.call('acceptInvitation', { body: { token }, credentials: guest.credentials }),
    ])
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
  })
})
