import { type ApiClient, ApiError, createClient } from '@common-purse/client'
import { createSessionKeeper, type SessionKeeper } from './session-keeper.ts'
import { createSessionStore } from './session-store.ts'
import { createTabChannel } from './tab-channel.ts'

/** The API as the pages use it, and who is signed in. */
export interface Api {
  call: ApiClient['call']
  keeper: SessionKeeper
  /** Ends this session, or all of this person's. */
  signOut(scope?: 'local' | 'global'): Promise<void>
}

const staleCodes = new Set(['token_expired', 'token_revoked', 'token_invalid'])
const isStale = (error: unknown) => error instanceof ApiError && staleCodes.has(error.problem.code)

/** A refusal of the server itself: a 429 or 5xx may pass, and so may a network that is away. */
const isRefusal = (error: unknown) =>
  error instanceof ApiError && error.problem.status < 500 && error.problem.status !== 429

const RETRIES = 2

/** Connects the pages to the gateway that served them. */
export function createApi(): Api {
  const visitor = createClient({ baseUrl: location.origin, credentials: () => ({}), retries: RETRIES })
  const keeper = createSessionKeeper({
    store: createSessionStore(globalThis.indexedDB),
    exchange: (body) => visitor.call('refreshToken', { body }),
    isRefusal,
    tabs: createTabChannel(new BroadcastChannel('common-purse.session')),
    exclusively: async (work) => navigator.locks.request('common-purse.session', work),
    now: () => Date.now(),
  })
  const client = createClient({ baseUrl: location.origin, credentials: keeper.current, retries: RETRIES })

  const call: ApiClient['call'] = async (id, input) => {
    try {
      return await client.call(id, input)
    } catch (error) {
      if (!isStale(error)) throw error
      await keeper.renew() // a role that changed ends the token, not the session
      return client.call(id, input)
    }
  }

  const signOut = async (scope: 'local' | 'global' = 'local') => {
    const told = await call('logout', { body: { scope } }).then(
      () => true,
      (error: unknown) => {
        if (scope === 'global' && !isRefusal(error)) throw error
        return isRefusal(error)
      },
    )
    await keeper.end(told ? 'signed_out' : 'signed_out_here')
  }

  return { call, keeper, signOut }
}
