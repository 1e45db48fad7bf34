import * as z from 'zod'
import { actionOf, type DomainEvent, eventType } from './events.ts'

/**
 * What ends access tokens before their time: a session that ended, or a membership that changed, which ends the tokens
 * of its earlier versions. `at` is when it happened.
 */
export const Revocation = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('session'), at: z.iso.datetime(), session_id: z.string() }),
  z.object({
    kind: z.literal('member'),
    at: z.iso.datetime(),
    family_id: z.string(),
    user_id: z.string(),
    version: z.int(),
  }),
])
export type Revocation = z.output<typeof Revocation>

/**
 * A page of the auth service's internal list, oldest first. `next` asks for the following page, null at the end; the
 * list is complete for all that was committed before `until`, where the next reading begins. `now` is the time of the
 * database, by which the whole house goes.
 */
export const RevocationPage = z.object({
  items: z.array(Revocation),
  until: z.string(),
  now: z.iso.datetime(),
  next: z.object({ since: z.string(), after: z.string() }).nullable(),
})
export type RevocationPage = z.output<typeof RevocationPage>

const sessionEnds = ['session.ended', 'session.reuse_detected'] as const
const memberChanges = ['member.role_changed', 'member.removed'] as const

/** The types of the events that revoke something. */
export const revokingTypes: readonly string[] = [...sessionEnds, ...memberChanges].map(eventType)

const isOneOf = (actions: readonly string[], action: string | undefined) =>
  action !== undefined && actions.includes(action)

/** What an event of the auth service revokes; undefined for most. */
export function revocationOf({ type, time, data, familyid }: DomainEvent): Revocation | undefined {
  const action = actionOf(type)
  if (isOneOf(sessionEnds, action))
    return { kind: 'session', at: time, session_id: text(data.new_values?.['session_id']) ?? data.entity_id }
  if (!isOneOf(memberChanges, action)) return undefined
  const user_id =
    text(data.new_values?.['user_id']) ??
    text(data.old_values?.['user_id']) ??
    data.entity_id.split(':').at(-1)!
  return { kind: 'member', at: time, family_id: familyid, user_id, version: data.version }
}

const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined)
