import { useSyncExternalStore } from 'react'

/** The same width as in the style sheet: from here on the page has two columns. */
const wide = matchMedia('(width >= 56rem)')

const subscribe = (listener: () => void) => {
  wide.addEventListener('change', listener)
  return () => wide.removeEventListener('change', listener)
}

export const useWide = (): boolean => useSyncExternalStore(subscribe, () => wide.matches)
