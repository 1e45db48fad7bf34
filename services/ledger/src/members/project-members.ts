import { actionOf, type DomainEvent, Role } from '@common-purse/contracts'
import type { BusLink } from '@common-purse/kit/bus'
import {
  parseDomainEvent,
  type Poison,
  PoisonError,
  type RunningConsumer,
  startConsumer,
} from '@common-purse/kit/consume'
import { inTransaction } from '@common-purse/kit/database'
import type { Logger } from '@common-purse/kit/logger'
import type pg from 'pg'
import * as z from 'zod'
import { type MemberChange, saveMember } from './member-store.ts'

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
    throw new PoisonError(`A member event without ${values.error.issues[0]?.path.join('.')}`)
  return {
    familyId: values.data.family_id,
    userId: values.data.user_id,
    displayName: values.data.display_name,
    role: values.data.role,
    removed,
    version: event.data.version,
  }
}

/** Follows the auth service's member events, so that the ledger knows who may approve without asking anybody. */
export const projectMembers = (pool: pg.Pool, link: BusLink, logger: Logger): RunningConsumer =>
  startConsumer({
    link,
    stream: 'AUTH_EVENTS',
    durable: 'ledger-members',
    filter: 'auth.member.>',
    parse: parseDomainEvent,
    handle: async (events) => {
      const changes = events.map(toMemberChange).filter((change) => change !== undefined)
      await inTransaction(pool, async (tx) => {
        for (const change of changes) await saveMember(tx, change)
      })
    },
    keepAside: (poison) => keepUnreadable(pool, poison),
    logger,
  })

async function keepUnreadable(pool: pg.Pool, poison: Poison): Promise<void> {
  await pool.query(
    `INSERT INTO unreadable_events (stream, stream_seq, subject, raw, reason) VALUES ($1, $2, $3, $4, $5)
     ON CONFLICT DO NOTHING`,
    [poison.stream, poison.streamSeq, poison.subject, Buffer.from(poison.raw), poison.reason],
  )
}
