import { createContext, useContext, useSyncExternalStore } from 'react'
import type { Api } from './api.ts'
import type { SessionState, Who } from './session-keeper.ts'

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
export const SessionContext = createContext<Who | undefined>(undefined)

export function useSession(): Who {
  const who = useContext(SessionContext)
  if (!who) throw new Error('No SessionContext above this component')
  return who
}
