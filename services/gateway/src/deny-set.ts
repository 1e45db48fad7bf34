import { actionOf, type DomainEvent } from '@common-purse/contracts'
import type { Caller } from '@common-purse/kit/caller'

/** Which access tokens stopped working before their time. Entries live as long as a token could. */
export interface DenySet {
  /** Takes in an event of the auth service; others than revocations change nothing. May be repeated. */
  apply(event: DomainEvent): void
  isDenied(caller: Pick<Caller, 'sessionId' | 'userId' | 'familyId' | 'memberVersion'>): boolean
  size(): number
}

interface Membership {
  /** Tokens of an earlier version of the membership are denied. */
  version: number
  until: number
}

const sessionEnds = new Set(['session.ended', 'session.reuse_detected'])
const memberChanges = new Set(['member.role_changed', 'member.removed'])

export function createDenySet(tokenLifeMs: number, now: () => number = Date.now): DenySet {
  const sessions = new Map<string, number>()
  const members = new Map<string, Membership>()
  // A token made at the moment of the event by a clock that is a little ahead lives a little longer.
  const untilOf = (event: DomainEvent) => Date.parse(event.time) + tokenLifeMs + 60_000

  const sweep = () => {
    for (const [id, until] of sessions) if (until <= now()) sessions.delete(id)
    for (const [id, { until }] of members) if (until <= now()) members.delete(id)
  }

  return {
    apply: (event) => {
      const action = actionOf(event.type) ?? ''
      const until = untilOf(event)
      if (until <= now()) return
      if (sessionEnds.has(action)) sessions.set(sessionIdOf(event), until)
      if (memberChanges.has(action)) {
        const key = memberKeyOf(event)
        const version = Math.max(event.data.version, members.get(key)?.version ?? 0)
        members.set(key, { version, until })
      }
      if ((sessions.size + members.size) % 1_000 === 999) sweep()
    },
    isDenied: ({ sessionId, userId, familyId, memberVersion }) => {
      const until = sessions.get(sessionId)
      if (until !== undefined && until > now()) return true
      const member = members.get(`${familyId}:${userId}`)
      return member !== undefined && member.until > now() && memberVersion < member.version
    },
    size: () => {
      sweep()
      return sessions.size + members.size
    },
  }
}

const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined)

const sessionIdOf = ({ data }: DomainEvent): string => text(data.new_values?.['session_id']) ?? data.entity_id

function memberKeyOf({ data, familyid }: DomainEvent): string {
  const userId =
    text(data.new_values?.['user_id']) ??
    text(data.old_values?.['user_id']) ??
    data.entity_id.split(':').at(-1)
  return `${familyid}:${userId}`
}
