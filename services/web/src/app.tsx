import { lazy, type ReactNode, Suspense, useEffect } from 'react'
import { Dashboard } from './dashboard/dashboard.tsx'
import { describeFailure } from './describe-failure.ts'
import { LinkPage } from './link/link-page.tsx'
import { SessionContext, useApi, useSessionState } from './session/api-context.ts'
import { WelcomePage } from './sign-in/welcome-page.tsx'
import { texts } from './texts.ts'
import { Brand } from './ui/brand.tsx'
import { News } from './ui/news.tsx'
import { FailureNotice } from './ui/notices.tsx'
import { usePath } from './use-address.ts'

/** Seldom opened, so it is loaded when it is. */
const SettingsPage = lazy(async () => ({
  default: (await import('./settings/settings-page.tsx')).SettingsPage,
}))

/** Which page is shown: by the path, and by whether somebody is signed in. */
export function App() {
  const { keeper } = useApi()
  const state = useSessionState()
  const path = usePath()
  useTitle(path, state.status === 'signed_in')
  switch (state.status) {
    case 'restoring':
      return <Lonely>{texts.moment}</Lonely>
    case 'unreachable':
      return (
        <Lonely>
          <p>{texts.unreachable}</p>
          <FailureNotice failure={describeFailure(state.error)} onRetry={() => void keeper.restore()} />
        </Lonely>
      )
    case 'signed_out':
      return <WelcomePage why={state.why} linking={path === '/link'} />
    case 'signed_in': {
      const { user, family } = state.who
      // Another person, family or role is another page: nothing of the one before stays on it.
      return (
        <SessionContext value={state.who} key={`${user.id} ${family.id} ${family.role}`}>
          <News>
            <Suspense fallback={<Lonely>{texts.moment}</Lonely>}>{pageAt(path)}</Suspense>
          </News>
        </SessionContext>
      )
    }
  }
}

function pageAt(path: string): ReactNode {
  if (path === '/link') return <LinkPage />
  return path === '/settings' ? <SettingsPage /> : <Dashboard />
}

/** What tabs and screen readers call the page. */
function useTitle(path: string, signedIn: boolean) {
  const signedInTitles: Record<string, string> = { '/settings': texts.settings.title }
  const own = path === '/link' ? texts.link.title : signedIn ? signedInTitles[path] : texts.signIn.title
  const title = own ? `${own} · ${texts.brand}` : texts.brand
  useEffect(() => {
    document.title = title
  }, [title])
}

function Lonely({ children }: { children: ReactNode }) {
  return (
    <main className="lonely stack" aria-live="polite">
      <Brand />
      <div>{children}</div>
    </main>
  )
}
