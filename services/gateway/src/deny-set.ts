import type { Revocation } from '@common-purse/contracts'
import type { Caller } from '@common-purse/kit/caller'

/**
 * Which access tokens stopped working before their time. Entries live longer than a token could, from when they were heard of
 * and by a clock that is never set: a token that has expired lives again when the clock of the house is set back.
 */
export interface DenySet {
  /** Takes in what was revoked. May be repeated, and come in any order. */
  apply(revocation: Revocation): void
  isDenied(caller: Pick<Caller, 'sessionId' | 'userId' | 'familyId' | 'memberVersion'>): boolean
  size(): number
}

interface Membership {
  /** Tokens of an earlier version of the membership are denied. */
  version: number
  until: number
}

const SWEEP_MS = 60_000
/** By so much the database's clock may be set back, a fail-over to a machine with another one included. */
const SET_BACK_MS = 15 * 60_000

export function createDenySet(tokenLifeMs: number, now = () => performance.now()): DenySet {
  const sessions = new Map<string, number>()
  const members = new Map<string, Membership>()
  let sweepAt = now() + SWEEP_MS

  const sweep = () => {
    sweepAt = now() + SWEEP_MS
    for (const [id, until] of sessions) if (until <= now()) sessions.delete(id)
    for (const [id, { until }] of members) if (until <= now()) members.delete(id)
  }

  return {
    apply: (revocation) => {
      // A token made at the moment of the change by a clock that is a little ahead lives a little longer.
      const until = now() + tokenLifeMs + 60_000 + SET_BACK_MS
      if (revocation.kind === 'session') {
        sessions.set(revocation.session_id, until)
      } else {
        const key = `${revocation.family_id}:${revocation.user_id}`
        const known = members.get(key)
        if (!known || known.version <= revocation.version)
          members.set(key, { version: revocation.version, until })
      }
      if (now() >= sweepAt) sweep()
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
