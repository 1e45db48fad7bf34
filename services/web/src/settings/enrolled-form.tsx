import type { Failure } from '../describe-failure.ts'
import { texts } from '../texts.ts'
import { Button } from '../ui/button.tsx'
import { Field } from '../ui/field.tsx'
import { FailureNotice } from '../ui/notices.tsx'
import { readForm } from '../ui/read-form.ts'
import { Secret } from '../ui/secret.tsx'
import { QrPicture } from './qr-picture.tsx'

const words = texts.settings.totp

interface EnrolledFormProps {
  secret: string
  otpauth_uri: string
  busy: boolean
  failure: Failure | undefined
  onCode: (code: string) => void
}

/** The secret for the authenticator, by picture, link and letters, and the code that shows that it is there. */
export function EnrolledForm({ secret, otpauth_uri, busy, failure, onCode }: EnrolledFormProps) {
  const told = failure?.code === 'credentials_invalid' ? { ...failure, text: words.wrong } : failure
  return (
    <form className="stack" onSubmit={(event) => onCode(readForm(event)['code'] ?? '')}>
      <p>{words.scan}</p>
      <QrPicture text={otpauth_uri} title={words.picture} />
      <a href={otpauth_uri}>{words.open}</a>
      <Secret label={words.secret} value={secret} />
      <Field
        label={words.code}
        name="code"
        inputMode="numeric"
        autoComplete="one-time-code"
        pattern="\d{6}"
        maxLength={6}
        required
        autoFocus
        failure={told}
      />
      <FailureNotice failure={told} fields={['code']} />
      <div>
        <Button look="primary" type="submit" busy={busy}>
          {words.verify}
        </Button>
      </div>
    </form>
  )
}
