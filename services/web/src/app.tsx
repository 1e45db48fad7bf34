import type { ReactNode } from 'react'
import { Dashboard } from './dashboard/dashboard.tsx'
import { describeFailure } from './describe-failure.ts'
import { LinkPage } from './link/link-page.tsx'
import { SessionContext, useApi, useSessionState } from './session/api-context.ts'
import { WelcomePage } from './sign-in/welcome-page.tsx'
import { texts } from './texts.ts'
import { Brand } from './ui/brand.tsx'
import { FailureNotice } from './ui/notices.tsx'

/** Which page is shown: by the path, and by whether somebody is signed in. */
export function App() {
  const { keeper } = useApi()
  const state = useSessionState()
  const linking = location.pathname === '/link'
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
      return <WelcomePage why={state.why} linking={linking} />
    case 'signed_in':
      // Another person or family is another page: nothing of the one before stays on it.
      return (
        <SessionContext value={state.session} key={`${state.session.user.id} ${state.session.family.id}`}>
          {linking ? <LinkPage /> : <Dashboard />}
        </SessionContext>
      )
  }
}

function Lonely({ children }: { children: ReactNode }) {
  return (
    <main className="lonely stack" aria-live="polite">
      <Brand />
      <div>{children}</div>
    </main>
  )
}
