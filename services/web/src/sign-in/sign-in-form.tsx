import { ApiError } from '@common-purse/client'
import { useState } from 'react'
import type { Failure } from '../describe-failure.ts'
import { useApi } from '../session/api-context.ts'
import { texts } from '../texts.ts'
import { Button } from '../ui/button.tsx'
import { Field } from '../ui/field.tsx'
import { FailureNotice } from '../ui/notices.tsx'
import { readForm } from '../ui/read-form.ts'
import { useAction } from '../use-action.ts'

const words = texts.signIn

interface Credentials {
  email: string
  password: string
  totp?: string
}

const needsCode = (error: unknown) => error instanceof ApiError && error.problem.code === 'totp_required'

/** E-mail and password; then, for who has turned two-step sign-in on, a code. What was typed stays. */
export function SignInForm() {
  const { call, keeper } = useApi()
  const [asksCode, setAsksCode] = useState(false)
  const signIn = useAction(
    async (body: Credentials) => {
      try {
        await keeper.begin(await call('login', { body }))
      } catch (error) {
        if (!needsCode(error)) throw error
        setAsksCode(true)
      }
    },
    { changes: false },
  )
  const failure =
    asksCode && signIn.failure?.code === 'credentials_invalid'
      ? { ...signIn.failure, text: words.codeWrong }
      : signIn.failure
  return (
    <form
      className="stack"
      onSubmit={(event) => {
        const { email = '', password = '', totp } = readForm(event)
        void signIn.start({ email, password, ...(totp ? { totp } : {}) })
      }}
    >
      <div className="stack" hidden={asksCode}>
        <CredentialFields failure={failure} />
      </div>
      {asksCode && <CodeField failure={failure} />}
      <FailureNotice failure={failure} fields={['email', 'password', 'totp']} />
      <Button look="primary" type="submit" busy={signIn.busy}>
        {words.submit}
      </Button>
      {asksCode && (
        <Button
          look="link"
          onClick={() => {
            setAsksCode(false)
            signIn.clear()
          }}
        >
          {words.toPassword}
        </Button>
      )}
    </form>
  )
}

function CredentialFields({ failure }: { failure: Failure | undefined }) {
  return (
    <>
      <Field
        label={words.email}
        name="email"
        type="email"
        autoComplete="username"
        required
        failure={failure}
      />
      <Field
        label={words.password}
        name="password"
        type="password"
        autoComplete="current-password"
        required
        failure={failure}
      />
    </>
  )
}

/** Letters are taken too: a recovery code has them. */
function CodeField({ failure }: { failure: Failure | undefined }) {
  return (
    <Field
      label={words.code}
      hint={words.codeHint}
      name="totp"
      autoComplete="one-time-code"
      autoCapitalize="none"
      spellCheck={false}
      maxLength={32}
      required
      autoFocus
      failure={failure}
    />
  )
}
