import { useSyncExternalStore } from 'react'

const subscribe = (listener: () => void) => {
  addEventListener('popstate', listener)
  return () => removeEventListener('popstate', listener)
}

/** The path of the page that is shown; it changes without a load of the document. */
export const usePath = (): string => useSyncExternalStore(subscribe, () => location.pathname)

/** Shows another of our pages, and remembers this one for the way back. */
export function goTo(path: string): void {
  history.pushState(null, '', path)
  dispatchEvent(new PopStateEvent('popstate'))
  scrollTo(0, 0)
}
