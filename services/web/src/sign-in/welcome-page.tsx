import { useState } from 'react'
import type { EndReason } from '../session/session-keeper.ts'
import { texts } from '../texts.ts'
import { Brand } from '../ui/brand.tsx'
import { Button } from '../ui/button.tsx'
import { LanguageChoice } from '../ui/language-choice.tsx'
import { StatusNotice } from '../ui/notices.tsx'
import { Panel } from '../ui/panel.tsx'
import { invitationInAddress } from './invitation-in-address.ts'
import { RegisterForm } from './register-form.tsx'
import { SignInForm } from './sign-in-form.tsx'

/** What somebody sees who is not signed in. */
export function WelcomePage({ why, linking }: { why: EndReason | undefined; linking: boolean }) {
  const [registering, setRegistering] = useState(() => invitationInAddress() !== undefined)
  const words = registering ? texts.register : texts.signIn
  return (
    <main className="welcome stack">
      <header>
        <h1>
          <Brand />
        </h1>
        <p className="quiet">{texts.tagline}</p>
      </header>
      <StatusNotice>
        {why && <p>{texts.signedOut[why]}</p>}
        {linking && <p>{texts.link.signInFirst}</p>}
      </StatusNotice>
      <Panel title={words.title}>
        {registering ? <RegisterForm /> : <SignInForm />}
        <Button look="link" onClick={() => setRegistering(!registering)}>
          {registering ? texts.register.toSignIn : texts.signIn.toRegister}
        </Button>
      </Panel>
      <LanguageChoice />
    </main>
  )
}
