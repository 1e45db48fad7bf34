import { createContext, type ReactNode, useCallback, useContext, useEffect, useState } from 'react'
import { texts } from '../texts.ts'

const NewsContext = createContext<(text: string) => void>(() => undefined)

/** Says what was done, where the button that did it may be gone by then. */
export const useNews = () => useContext(NewsContext)

/** Holds the one line of news of a page: read out when it comes, and there until the next or until it is closed. */
export function News({ children }: { children: ReactNode }) {
  const [news, setNews] = useState<{ text: string }>()
  const announce = useCallback((text: string) => setNews({ text }), [])
  useEffect(() => {
    // The focus went with the button: give it a place that a keyboard can go on from.
    if (news && document.activeElement === document.body)
      document.getElementById('content')?.focus({ preventScroll: true })
  }, [news])
  return (
    <NewsContext value={announce}>
      {children}
      <div role="status" aria-label={texts.news.label} className="news">
        {news && <p>{news.text}</p>}
        {news && (
          <button type="button" aria-label={texts.close} onClick={() => setNews(undefined)}>
            ×
          </button>
        )}
      </div>
    </NewsContext>
  )
}
