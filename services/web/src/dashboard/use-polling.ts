import { useEffect, useRef } from 'react'
import { useApi } from '../session/api-context.ts'

const EVERY_MS = 5_000

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
    let seen: number | undefined
    let timer: ReturnType<typeof setTimeout> | undefined
    let stopped = false
    const look = async () => {
      clearTimeout(timer)
      if (document.visibilityState === 'visible') {
        const head = await call('getAuditHead').catch(() => undefined)
        const moved = head === undefined || (seen !== undefined && head.seq !== seen)
        seen = head?.seq ?? -1
        if (moved && !stopped) await latest.current()
      }
      clearTimeout(timer)
      if (!stopped) timer = setTimeout(() => void look(), EVERY_MS)
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
