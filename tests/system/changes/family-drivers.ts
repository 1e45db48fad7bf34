import type { FamilyOfUser, Session } from '../../../libs/contracts/src/index.ts'
import { givenFamily, type Person } from '../../support/given.ts'
import type { House } from '../../support/house.ts'
import { drive, type Drivers } from './driver.ts'
import { send } from './send.ts'

async function invited(house: House, role = 'child') {
  const { id, owner } = await givenFamily(house)
  const call = { params: { id }, body: { role } }
  const { body } = await send(house, owner, 'createInvitation', call)
  return { familyId: id, owner, invitation: body as { id: string; token: string } }
}

/** The same person, in another of their families. */
async function sessionIn(house: House, { session }: Person, familyId: string): Promise<Session> {
  const body = { refresh_token: session.refresh_token, family_id: familyId }
  return (await send(house, 'nobody', 'refreshToken', { body })).body as Session
}

type FamilyRoute =
  | 'createFamily'
  | 'updateFamily'
  | 'updateMember'
  | 'removeMember'
  | 'createInvitation'
  | 'revokeInvitation'
  | 'acceptInvitation'

export const familyDrivers: Drivers<FamilyRoute> = {
  createFamily: async (house) => {
    const { owner } = await givenFamily(house)
    const body = { name: 'The Others' }
    const driven = await drive<FamilyOfUser>(
      house,
      { id: 'createFamily', as: owner.session, body },
      ({ id }) => [
        { action: 'family.created', entity_id: id, new_values: { name: 'The Others' } },
        {
          action: 'member.joined',
          entity_id: `${id}:${owner.userId}`,
          new_values: { family_id: id, role: 'owner' },
        },
      ],
    )
    return { ...driven, reader: await sessionIn(house, owner, driven.leaves[0]!.entity_id!) }
  },
  updateFamily: async (house) => {
    const { id, owner } = await givenFamily(house)
    const call = { id: 'updateFamily' as const, as: owner.session, params: { id }, body: { name: 'Renamed' } }
    return drive(house, call, () => [
      {
        action: 'family.updated',
        entity_id: id,
        old_values: { name: 'The Tests' },
        new_values: { name: 'Renamed' },
      },
    ])
  },
  updateMember: async (house) => {
    const { id, owner, people } = await givenFamily(house, ['member'])
    const userId = people['member']!.userId
    const params = { id, user_id: userId }
    const call = { id: 'updateMember' as const, as: owner.session, params, body: { role: 'child' } }
    return drive(house, call, () => [
      {
        action: 'member.role_changed',
        entity_id: `${id}:${userId}`,
        old_values: { role: 'member' },
        new_values: { role: 'child' },
      },
    ])
  },
  removeMember: async (house) => {
    const { id, owner, people } = await givenFamily(house, ['adult'])
    const adult = people['adult']!
    const call = { params: { id }, body: { role: 'child' } }
    const { body } = await send(house, adult, 'createInvitation', call)
    const params = { id, user_id: adult.userId }
    return drive(house, { id: 'removeMember', as: owner.session, params }, () => [
      { action: 'member.removed', old_values: { user_id: adult.userId, role: 'adult' }, new_values: null },
      {
        action: 'member.invitation_revoked',
        entity_id: (body as { id: string }).id,
        old_values: { role: 'child' },
        new_values: { cause: 'inviter_removed' },
      },
    ])
  },
  createInvitation: async (house) => {
    const { id, owner } = await givenFamily(house)
    const params = { id }
    const body = { role: 'child', email: 'somebody@example.org' }
    return drive<{ id: string }>(
      house,
      { id: 'createInvitation', as: owner.session, params, body },
      (made) => [
        {
          action: 'member.invited',
          entity_id: made.id,
          new_values: { role: 'child', for_email: true },
        },
      ],
    )
  },
  revokeInvitation: async (house) => {
    const { familyId, owner, invitation } = await invited(house)
    const params = { id: familyId, invitation_id: invitation.id }
    return drive(house, { id: 'revokeInvitation', as: owner.session, params }, () => [
      { action: 'member.invitation_revoked', entity_id: invitation.id, old_values: { role: 'child' } },
    ])
  },
  acceptInvitation: async (house) => {
    const { familyId, owner, invitation } = await invited(house, 'member')
    const guest = (await givenFamily(house)).owner
    const body = { token: invitation.token }
    const call = { id: 'acceptInvitation' as const, as: guest.session, reader: owner.session, body }
    return drive(house, call, () => [
      {
        action: 'member.joined',
        entity_id: `${familyId}:${guest.userId}`,
        new_values: { user_id: guest.userId, role: 'member', invitation_id: invitation.id },
      },
    ])
  },
}
