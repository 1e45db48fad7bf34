import type { Session } from '@common-purse/contracts'
import { createSessionHolder, type EndReason, type SessionState } from './session-holder.ts'
import type { TabChannel } from './tab-channel.ts'

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

const MARGIN_SECONDS = 60

/** Keeps the tokens: access token and signing key in memory only, the refresh token for this tab's reloads. */
export function createSessionKeeper(deps: Deps): SessionKeeper {
  const holder = createSessionHolder(deps.storage)
  let renewing: Promise<Session> | undefined

  const begin = (session: Session) => {
    const renewAt = deps.now() + Math.max(session.expires_in - MARGIN_SECONDS, 1) * 1000
    holder.hold({ session, renewAt })
    deps.tabs.tell({ session, renewAt })
  }

  const end = (why: EndReason) => {
    const mine = holder.stored()
    holder.forget(why)
    if (mine) deps.tabs.tellEnd(mine.session_id, why)
  }

  const exchange = (familyId: string | undefined): Promise<Session> => {
    const before = holder.stored()?.refresh_token
    return deps.exclusively(async () => {
      const mine = holder.stored()
      if (!mine) throw new Error('There is no session')
      const { refresh_token } = mine
      const held = holder.held()
      // Another tab may have renewed while this one waited for its turn.
      if (familyId === undefined && held && refresh_token !== before) return held.session
      const session = await deps.exchange({ refresh_token, ...(familyId ? { family_id: familyId } : {}) })
      begin(session)
      return session
    })
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
    const mine = holder.stored()
    if (!mine) return holder.forget()
    holder.become({ status: 'restoring' })
    const other = await deps.tabs.ask(mine.session_id)
    if (other) return holder.hold(other)
    await renew().catch((error: unknown) => {
      if (holder.state().status === 'restoring') holder.become({ status: 'unreachable', error })
    })
  }

  const current = async () => {
    const held = holder.held()
    return held && deps.now() >= held.renewAt ? renew() : held?.session
  }

  const isMine = (sessionId: string) => holder.stored()?.session_id === sessionId
  deps.tabs.listen({
    held: holder.held,
    onRenewed: (held) => (isMine(held.session.session_id) ? holder.hold(held) : undefined),
    onEnd: (sessionId, why) => (isMine(sessionId) ? holder.forget(why) : undefined),
  })

  return { state: holder.state, subscribe: holder.subscribe, restore, begin, current, renew, end }
}
