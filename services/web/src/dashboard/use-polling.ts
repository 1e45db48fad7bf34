import { useEffect, useRef } from 'react'
import { useApi } from '../session/api-context.ts'
import { decidePoll, EVERY_MS, type Seen } from './decide-poll.ts'

/**
 * Reads again when something has happened in the family: asks for the head of its trail while the page is in sight, which is
 * one small call, and reads the rest only when that has moved, or cannot be told.
 */
export function usePolling(reload: () => Promise<void>): void {
  const { call } = useApi()
  const latest = useRef(reload)
  useEffect(() => {
    latest.current = reload
  }, [reload])
  useEffect(() => {
    let seen: Seen
    let timer: ReturnType<typeof setTimeout> | undefined
    let stopped = false
    let pauseMs = EVERY_MS
    const look = async () => {
      clearTimeout(timer)
      if (document.visibilityState === 'visible') {
        const head = await call('getAuditHead').catch(() => undefined)
        const poll = decidePoll(seen, head?.seq, pauseMs)
        seen = poll.seen
        pauseMs = poll.pauseMs
        if (poll.reads && !stopped) await latest.current()
      }
      clearTimeout(timer)
      if (!stopped) timer = setTimeout(() => void look(), pauseMs)
    }
    const handleReturn = () => void look()
    void look()
    addEventListener('online', handleReturn)
    document.addEventListener('visibilitychange', handleReturn)
    return () => {
      stopped = true
      clearTimeout(timer)
      removeEventListener('online', handleReturn)
      document.removeEventListener('visibilitychange', handleReturn)
    }
  }, [call])
}
