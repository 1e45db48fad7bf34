import { actionOf, type DomainEvent, Role } from '@common-purse/contracts'
import type { RunningConsumer } from '@common-purse/kit/consume'
import type { Tx } from '@common-purse/kit/database'
import { parseDomainEvent } from '@common-purse/kit/parse-event'
import { PoisonError } from '@common-purse/kit/poison'
import { type ReaderDeps, startReader, type StreamReader } from '@common-purse/kit/start-reader'
import * as z from 'zod'
import { type MemberChange, type NameChange, saveMember, saveName } from './member-store.ts'

/** What the ledger reads of a member's event; later versions may say more. */
const MemberValues = z.object({
  family_id: z.uuid(),
  user_id: z.uuid(),
  display_name: z.string(),
  role: Role,
})

/** The change that a member's event tells of, or undefined for one that is of no matter here. */
export function toMemberChange(event: DomainEvent): MemberChange | undefined {
  const action = actionOf(event.type)
  if (action !== 'member.joined' && action !== 'member.role_changed' && action !== 'member.removed')
    return undefined
  const removed = action === 'member.removed'
  const values = MemberValues.safeParse(removed ? event.data.old_values : event.data.new_values)
  if (!values.success)
    throw new PoisonError('content', `A member event without ${values.error.issues[0]?.path.join('.')}`)
  return {
    familyId: values.data.family_id,
    userId: values.data.user_id,
    displayName: values.data.display_name,
    role: values.data.role,
    removed,
    version: event.data.version,
  }
}

/** What the ledger reads of a person who changed their name. */
const NameValues = z.object({ user_id: z.uuid(), display_name: z.string() })

/** The new name that a user's event tells of, or undefined for one that is of no matter here. */
export function toNameChange(event: DomainEvent): NameChange | undefined {
  if (actionOf(event.type) !== 'user.updated') return undefined
  const values = NameValues.safeParse(event.data.new_values)
  if (!values.success) throw new PoisonError('content', 'A user event without user_id or display_name')
  return {
    userId: values.data.user_id,
    displayName: values.data.display_name,
    version: event.data.version,
  }
}

async function applyEvent(tx: Tx, event: DomainEvent): Promise<void> {
  const member = toMemberChange(event)
  if (member) await saveMember(tx, member)
  const name = toNameChange(event)
  if (name) await saveName(tx, name)
}

/** How the auth service's events are read; one reader for members and names: a name must not overtake its joining. */
export const peopleReader: StreamReader<DomainEvent> = {
  stream: 'AUTH_EVENTS',
  name: 'ledger-people',
  parse: parseDomainEvent,
  handle: async (tx, events) => {
    for (const event of events) await applyEvent(tx, event)
  },
}

/** Follows the auth service's events, so that the ledger knows who may approve, and by what name, without asking anybody. */
export const projectMembers = (deps: ReaderDeps): RunningConsumer => startReader(peopleReader, deps)
