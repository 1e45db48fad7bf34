import { useCallback } from 'react'
import { useApi, useSession } from '../session/api-context.ts'
import { texts } from '../texts.ts'
import { Header } from '../ui/header.tsx'
import { LanguageChoice } from '../ui/language-choice.tsx'
import { FailureNotice } from '../ui/notices.tsx'
import { Panel } from '../ui/panel.tsx'
import { useLoaded } from '../use-loaded.ts'
import { PasswordForm } from './password-form.tsx'
import { ProfileForm } from './profile-form.tsx'
import { SessionsPanel } from './sessions-panel.tsx'
import { TelegramPanel } from './telegram-panel.tsx'
import { TwoStepPanel } from './two-step-panel.tsx'

const words = texts.settings

/** What concerns one person: name, language, Telegram, and how they sign in. */
export function SettingsPage() {
  const { call } = useApi()
  const { user } = useSession()
  const me = useLoaded(useCallback(() => call('getMe'), [call]))
  return (
    <>
      <Header />
      <main id="content" className="page narrow stack" tabIndex={-1}>
        <h1>{words.title}</h1>
        <FailureNotice failure={me.failure} onRetry={() => void me.reload()} />
        <Panel title={words.profile}>
          <p className="quiet">{user.email}</p>
          <ProfileForm />
          <LanguageChoice />
        </Panel>
        {me.value && <TelegramPanel linked={me.value.telegram} onChange={me.reload} />}
        <PasswordForm />
        {me.value && <TwoStepPanel enabled={me.value.totp_enabled} onChange={me.reload} />}
        <SessionsPanel />
      </main>
    </>
  )
}
