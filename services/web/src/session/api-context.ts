import type { Session } from '@common-purse/contracts'
import { createContext, useContext, useSyncExternalStore } from 'react'
import type { Api } from './api.ts'
import type { SessionState } from './session-holder.ts'

export const ApiContext = createContext<Api | undefined>(undefined)

export function useApi(): Api {
  const api = useContext(ApiContext)
  if (!api) throw new Error('No ApiContext above this component')
  return api
}

export function useSessionState(): SessionState {
  const { keeper } = useApi()
  return useSyncExternalStore(keeper.subscribe, keeper.state)
}

/** Who is signed in, for what is shown only then. */
export const SessionContext = createContext<Session | undefined>(undefined)

export function useSession(): Session {
  const session = useContext(SessionContext)
  if (!session) throw new Error('No SessionContext above this component')
  return session
}
