import type { Session } from '@common-purse/contracts'

/** Why nobody is signed in any more, for the words above the form. */
export type EndReason = 'signed_out' | 'signed_out_here' | 'ended'

export type SessionState =
  | { status: 'restoring' }
  | { status: 'unreachable'; error: unknown }
  | { status: 'signed_out'; why?: EndReason }
  | { status: 'signed_in'; session: Session }

/** A session and when it wants new values, in milliseconds since 1970. */
export interface Held {
  session: Session
  renewAt: number
}

interface Stored {
  session_id: string
  refresh_token: string
}

const key = 'common-purse.session'

/** What this tab has of a session: all of it in memory, and what a reload needs in `storage`. */
export function createSessionHolder(storage: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>) {
  const listeners = new Set<() => void>()
  let state: SessionState = { status: 'restoring' }
  let held: Held | undefined

  const become = (next: SessionState) => {
    state = next
    for (const listener of listeners) listener()
  }

  const hold = (next: Held) => {
    held = next
    const { session_id, refresh_token } = next.session
    storage.setItem(key, JSON.stringify({ session_id, refresh_token }))
    become({ status: 'signed_in', session: next.session })
  }

  const forget = (why?: EndReason) => {
    held = undefined
    storage.removeItem(key)
    become(why ? { status: 'signed_out', why } : { status: 'signed_out' })
  }

  const subscribe = (listener: () => void) => {
    listeners.add(listener)
    return () => void listeners.delete(listener)
  }

  const stored = () => parseStored(storage.getItem(key))

  return { state: () => state, held: () => held, stored, subscribe, become, hold, forget }
}

function parseStored(text: string | null): Stored | undefined {
  if (text === null) return undefined
  try {
    const { session_id, refresh_token } = JSON.parse(text) as Partial<Record<keyof Stored, unknown>>
    if (typeof session_id !== 'string' || typeof refresh_token !== 'string') return undefined
    return { session_id, refresh_token }
  } catch {
    return undefined
  }
}
