import * as z from 'zod'
import { Email, FamilyOfUser } from './auth.ts'
import { pageOf } from './paging.ts'
import { Role } from './permissions.ts'

export const Member = z
  .object({ user_id: z.uuid(), display_name: z.string(), role: Role, joined_at: z.string() })
  .meta({ id: 'Member' })
export const MemberPage = pageOf(Member, 'MemberPage')

export const CreateInvitation = z
  .strictObject({ role: Role, email: Email.optional() })
  .meta({ id: 'CreateInvitation' })
export type CreateInvitation = z.output<typeof CreateInvitation>

/** `token` is shown this once; only its hash is kept. */
export const InvitationCreated = z
  .object({ id: z.uuid(), token: z.string(), role: Role, expires_at: z.string() })
  .meta({ id: 'InvitationCreated' })

export const AcceptInvitation = z
  .strictObject({ token: z.string().min(1).max(128) })
  .meta({ id: 'AcceptInvitation' })

export const InvitationAccepted = z.object({ family: FamilyOfUser }).meta({ id: 'InvitationAccepted' })
