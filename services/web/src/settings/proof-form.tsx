import type { Failure } from '../describe-failure.ts'
import { texts } from '../texts.ts'
import { Button } from '../ui/button.tsx'
import { Field } from '../ui/field.tsx'
import { FailureNotice } from '../ui/notices.tsx'
import { readForm } from '../ui/read-form.ts'

const words = texts.settings.totp

/** What the server wants to see before it changes how somebody signs in. */
export interface Proof {
  password?: string
  totp?: string
}

interface ProofFormProps {
  withCode?: boolean
  submit: string
  busy: boolean
  failure: Failure | undefined
  onProof: (proof: Proof) => void
}

export function ProofForm({ withCode = false, submit, busy, failure, onProof }: ProofFormProps) {
  const told = failure?.code === 'credentials_invalid' ? { ...failure, text: words.proofWrong } : failure
  return (
    <form
      className="stack"
      onSubmit={(event) => {
        const { password, totp } = readForm(event)
        onProof({ ...(password ? { password } : {}), ...(totp ? { totp } : {}) })
      }}
    >
      <p>{words.proof}</p>
      <Field
        label={texts.signIn.password}
        name="password"
        type="password"
        autoComplete="current-password"
        required
        failure={told}
      />
      {withCode && (
        <Field
          label={words.stopCode}
          name="totp"
          autoComplete="one-time-code"
          autoCapitalize="none"
          spellCheck={false}
          maxLength={32}
          required
          failure={told}
        />
      )}
      <FailureNotice failure={told} fields={['password', 'totp']} />
      <div>
        <Button type="submit" busy={busy}>
          {submit}
        </Button>
      </div>
    </form>
  )
}
