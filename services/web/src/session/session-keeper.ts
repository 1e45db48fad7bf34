import type { Session } from '@common-purse/contracts'
import type { TabChannel } from './tab-channel.ts'

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

interface Deps {
  storage: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>
  exchange: (body: { refresh_token: string; family_id?: string }) => Promise<Session>
  /** Whether the server has refused for good; anything else may pass. */
  isRefusal: (error: unknown) => boolean
  tabs: TabChannel
  /** Runs one piece of work at a time, over all tabs. */
  exclusively: <Value>(work: () => Promise<Value>) => Promise<Value>
  now: () => number
}

export interface SessionKeeper {
  state(): SessionState
  subscribe(listener: () => void): () => void
  /** Takes up what this tab kept over a reload. */
  restore(): Promise<void>
  begin(session: Session): void
  /** The session to call with, renewed when it is about to expire. */
  current(): Promise<Session | undefined>
  /** New values, for another family if one is named; however many ask, the server is asked once. */
  renew(familyId?: string): Promise<Session>
  end(why: EndReason): void
}

const key = 'common-purse.session'
const MARGIN_SECONDS = 60

/** Keeps the tokens: access token and signing key in memory only, the refresh token for this tab's reloads. */
export function createSessionKeeper(deps: Deps): SessionKeeper {
  const listeners = new Set<() => void>()
  let state: SessionState = { status: 'restoring' }
  let held: Held | undefined
  let renewing: Promise<Session> | undefined

  const become = (next: SessionState) => {
    state = next
    for (const listener of listeners) listener()
  }

  const hold = (next: Held) => {
    held = next
    const { session_id, refresh_token } = next.session
    deps.storage.setItem(key, JSON.stringify({ session_id, refresh_token }))
    become({ status: 'signed_in', session: next.session })
  }

  const forget = (why?: EndReason) => {
    held = undefined
    deps.storage.removeItem(key)
    become(why ? { status: 'signed_out', why } : { status: 'signed_out' })
  }

  const stored = () => parseStored(deps.storage.getItem(key))

  const begin = (session: Session) => {
    hold({ session, renewAt: deps.now() + Math.max(session.expires_in - MARGIN_SECONDS, 1) * 1000 })
    if (held) deps.tabs.tell(held)
  }

  const exchange = async (familyId: string | undefined): Promise<Session> => {
    const before = stored()
    return deps.exclusively(async () => {
      const mine = stored()
      if (!mine) throw new Error('There is no session')
      // Another tab may have renewed while this one waited for its turn.
      if (familyId === undefined && held && mine.refresh_token !== before?.refresh_token) return held.session
      const { refresh_token } = mine
      begin(await deps.exchange(familyId ? { refresh_token, family_id: familyId } : { refresh_token }))
      return held!.session
    })
  }

  const end = (why: EndReason) => {
    const mine = stored()
    forget(why)
    if (mine) deps.tabs.tellEnd(mine.session_id, why)
  }

  const renew = (familyId?: string): Promise<Session> => {
    renewing ??= exchange(familyId)
      .catch((error: unknown) => {
        if (deps.isRefusal(error) && familyId === undefined) end('ended')
        throw error
      })
      .finally(() => (renewing = undefined))
    return renewing
  }

  const restore = async () => {
    const mine = stored()
    if (!mine) return forget()
    become({ status: 'restoring' })
    const other = await deps.tabs.ask(mine.session_id)
    if (other) return hold(other)
    await renew().catch((error: unknown) => {
      if (state.status === 'restoring') become({ status: 'unreachable', error })
    })
  }

  const current = async () => {
    if (!held) return undefined
    return deps.now() < held.renewAt ? held.session : renew()
  }

  deps.tabs.listen({
    held: () => held,
    onRenewed: (next) => stored()?.session_id === next.session.session_id && hold(next),
    onEnd: (sessionId, why) => stored()?.session_id === sessionId && forget(why),
  })

  return { state: () => state, subscribe, restore, begin, current, renew, end }

  function subscribe(listener: () => void) {
    listeners.add(listener)
    return () => listeners.delete(listener)
  }
}

function parseStored(text: string | null): { session_id: string; refresh_token: string } | undefined {
  if (text === null) return undefined
  try {
    const value = JSON.parse(text) as { session_id?: unknown; refresh_token?: unknown }
    const { session_id, refresh_token } = value
    if (typeof session_id !== 'string' || typeof refresh_token !== 'string') return undefined
    return { session_id, refresh_token }
  } catch {
    return undefined
  }
}
