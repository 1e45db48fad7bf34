import { type ImportedKey, importSigningKey } from '@common-purse/client'
import type { Session } from '@common-purse/contracts'
import type { SessionStore } from './session-store.ts'
import type { TabChannel } from './tab-channel.ts'

/** Why nobody is signed in any more, for the words above the form. */
export type EndReason = 'signed_out' | 'signed_out_here' | 'ended'

/** Who is signed in, and in which family. */
export type Who = Pick<Session, 'session_id' | 'user' | 'family'>

export type SessionState =
  | { status: 'restoring' }
  | { status: 'unreachable'; error: unknown }
  | { status: 'signed_out'; why?: EndReason }
  | { status: 'signed_in'; who: Who }

/** What calls are made with; in memory only. */
export interface Credentials {
  accessToken: string
  signingKey: ImportedKey
}

interface Held extends Credentials {
  who: Who
  /** Milliseconds since 1970 from which new values are wanted. */
  renewAt: number
}

interface Deps {
  store: SessionStore
  exchange: (body: { refresh_token: string; family_id?: string }) => Promise<Session>
  /** Whether the server has refused for good; anything else may pass. */
  isRefusal: (error: unknown) => boolean
  tabs: TabChannel
  /** Runs one piece of work at a time, over all tabs: a refresh token that two of them use would end the session. */
  exclusively: <Value>(work: () => Promise<Value>) => Promise<Value>
  now: () => number
}

export interface SessionKeeper {
  state(): SessionState
  subscribe(listener: () => void): () => void
  /** Takes up what this browser kept of a session. */
  restore(): Promise<void>
  begin(session: Session): Promise<void>
  /** What to call with, renewed when it is about to expire. */
  current(): Promise<Credentials | undefined>
  /** New values, for another family if one is named; however many ask, the server is asked once. */
  renew(familyId?: string): Promise<void>
  end(why: EndReason): Promise<void>
}

const MARGIN_SECONDS = 60

/** Keeps the tokens: the access token and the signing key in memory, the refresh token sealed for the browser's other pages. */
export function createSessionKeeper(deps: Deps): SessionKeeper {
  const { store, tabs } = deps
  const { state, become, subscribe } = createStateCell()
  let held: Held | undefined
  let renewing: Promise<void> | undefined

  const forget = (why?: EndReason) => {
    held = undefined
    become(why ? { status: 'signed_out', why } : { status: 'signed_out' })
  }

  const hold = async (session: Session) => {
    const { session_id, refresh_token } = session
    await store.write({ session_id, refresh_token })
    held = await toHeld(session, deps.now())
    become({ status: 'signed_in', who: held.who })
  }

  const begin = (session: Session) => deps.exclusively(() => hold(session)).then(tabs.tellChange)

  const end = async (why: EndReason) => {
    const sessionId = held?.who.session_id ?? (await store.read())?.session_id
    await store.clear()
    forget(why)
    if (sessionId !== undefined) tabs.tellEnd(sessionId, why)
  }

  const exchange = async (familyId: string | undefined) => {
    const kept = await store.read()
    if (!kept) return forget(held ? 'ended' : undefined)
    const { refresh_token } = kept
    await hold(await deps.exchange({ refresh_token, ...(familyId ? { family_id: familyId } : {}) }))
  }

  const renewOnce = async (familyId: string | undefined) => {
    try {
      await deps.exclusively(() => exchange(familyId))
      if (familyId !== undefined) tabs.tellChange()
    } catch (error) {
      if (deps.isRefusal(error) && familyId === undefined) await end('ended')
      throw error
    }
  }

  const renew = (familyId?: string) => {
    if (familyId !== undefined) return renewOnce(familyId)
    renewing ??= renewOnce(undefined).finally(() => (renewing = undefined))
    return renewing
  }

  const restore = async () => {
    if (!(await store.read())) return forget()
    if (!held) become({ status: 'restoring' })
    await renew().catch((error: unknown) => {
      if (state().status === 'restoring') become({ status: 'unreachable', error })
    })
  }

  const current = async () => {
    if (held && deps.now() >= held.renewAt) await renew()
    return held
  }

  tabs.listen({
    onChange: () => void restore(),
    onEnd: (sessionId, why) => (held?.who.session_id === sessionId ? forget(why) : undefined),
  })
  return { state, subscribe, restore, begin, current, renew, end }
}

async function toHeld(session: Session, now: number): Promise<Held> {
  const { session_id, user, family, access_token, expires_in } = session
  const signingKey = await importSigningKey(session.signing_key)
  const renewAt = now + Math.max(expires_in - MARGIN_SECONDS, 1) * 1000
  return { accessToken: access_token, signingKey, renewAt, who: { session_id, user, family } }
}

function createStateCell() {
  const listeners = new Set<() => void>()
  let state: SessionState = { status: 'restoring' }
  const become = (next: SessionState) => {
    state = next
    for (const listener of listeners) listener()
  }
  const subscribe = (listener: () => void) => {
    listeners.add(listener)
    return () => void listeners.delete(listener)
  }
  return { state: () => state, become, subscribe }
}
