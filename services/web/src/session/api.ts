import { type ApiClient, ApiError, createClient } from '@common-purse/client'
import { createSessionKeeper, type SessionKeeper } from './session-keeper.ts'
import { createTabChannel } from './tab-channel.ts'

/** The API as the pages use it, and who is signed in. */
export interface Api {
  call: ApiClient['call']
  keeper: SessionKeeper
  signOut(): Promise<void>
}

const staleCodes = new Set(['token_expired', 'token_revoked', 'token_invalid'])
const isStale = (error: unknown) => error instanceof ApiError && staleCodes.has(error.problem.code)

/** A refusal of the server itself: a 429 or 5xx may pass, and so may a network that is away. */
const isRefusal = (error: unknown) =>
  error instanceof ApiError && error.problem.status < 500 && error.problem.status !== 429

/** Connects the pages to the gateway that served them. */
export function createApi(): Api {
  const visitor = createClient({ baseUrl: location.origin, credentials: () => ({}) })
  const keeper = createSessionKeeper({
    storage: sessionStorage,
    exchange: (body) => visitor.call('refreshToken', { body }),
    isRefusal,
    tabs: createTabChannel(new BroadcastChannel('common-purse.session')),
    exclusively: async (work) => navigator.locks.request('common-purse.renew', work),
    now: () => Date.now(),
  })
  const client = createClient({
    baseUrl: location.origin,
    credentials: async () => {
      const session = await keeper.current()
      return session && { accessToken: session.access_token, signingKey: session.signing_key }
    },
  })

  const call: ApiClient['call'] = async (id, input) => {
    try {
      return await client.call(id, input)
    } catch (error) {
      if (!isStale(error)) throw error
      await keeper.renew() // a role that changed ends the token, not the session
      return client.call(id, input)
    }
  }

  const signOut = async () => {
    const told = await client.call('logout', { body: { scope: 'local' } }).then(
      () => true,
      (error: unknown) => isRefusal(error),
    )
    keeper.end(told ? 'signed_out' : 'signed_out_here')
  }

  return { call, keeper, signOut }
}
