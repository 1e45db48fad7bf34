import * as z from 'zod'
import { Email, FamilyOfUser } from './auth.ts'
import { pageOf } from './paging.ts'
import { Role } from './permissions.ts'
import { line, Uuid } from './text.ts'

export const CreateFamily = z
  .strictObject({ name: line(80) })
  .meta({ id: 'CreateFamily', examples: [{ name: 'The Smiths' }] })
export type CreateFamily = z.output<typeof CreateFamily>
export const UpdateFamily = z
  .strictObject({ name: line(80) })
  .meta({ id: 'UpdateFamily', examples: [{ name: 'The Smiths' }] })
export type UpdateFamily = z.output<typeof UpdateFamily>

/** A family as one of its members sees it; `role` is the caller's own. */
export const Family = FamilyOfUser.extend({ created_at: z.string() }).meta({ id: 'Family' })
export type Family = z.output<typeof Family>
export const FamilyPage = pageOf(Family, 'FamilyPage')

export const Member = z
  .object({ user_id: z.uuid(), display_name: z.string(), role: Role, joined_at: z.string() })
  .meta({ id: 'Member' })
export type Member = z.output<typeof Member>
export const MemberPage = pageOf(Member, 'MemberPage')
export const byMember = z.strictObject({ id: Uuid, user_id: Uuid })

export const UpdateMember = z
  .strictObject({ role: Role })
  .meta({ id: 'UpdateMember', examples: [{ role: 'adult' }] })
export type UpdateMember = z.output<typeof UpdateMember>

export const CreateInvitation = z
  .strictObject({ role: Role, email: Email.optional() })
  .meta({ id: 'CreateInvitation', examples: [{ role: 'member' }] })
export type CreateInvitation = z.output<typeof CreateInvitation>

/** `token` is shown this once; only its hash is kept. */
export const InvitationCreated = z
  .object({ id: z.uuid(), token: z.string(), role: Role, expires_at: z.string() })
  .meta({ id: 'InvitationCreated' })

/** An invitation that can still be used; the token itself is not kept. */
export const Invitation = z
  .object({
    id: z.uuid(),
    role: Role,
    email: z.string().nullable(),
    created_by: z.uuid(),
    created_at: z.string(),
    expires_at: z.string(),
  })
  .meta({ id: 'Invitation' })
export type Invitation = z.output<typeof Invitation>
export const InvitationPage = pageOf(Invitation, 'InvitationPage')
export const byInvitation = z.strictObject({ id: Uuid, invitation_id: Uuid })

export const AcceptInvitation = z
  .strictObject({ token: z.string().min(1).max(128) })
  .meta({ id: 'AcceptInvitation', examples: [{ token: 'token of the invitation' }] })

export const InvitationAccepted = z.object({ family: FamilyOfUser }).meta({ id: 'InvitationAccepted' })
