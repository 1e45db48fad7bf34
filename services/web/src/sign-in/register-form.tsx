import { useState } from 'react'
import { useApi } from '../session/api-context.ts'
import { texts } from '../texts.ts'
import { Button } from '../ui/button.tsx'
import { Choice } from '../ui/choice.tsx'
import { Field } from '../ui/field.tsx'
import { FailureNotice } from '../ui/notices.tsx'
import { readForm } from '../ui/read-form.ts'
import { useAction } from '../use-action.ts'
import { forgetInvitation, invitationInAddress } from './invitation-in-address.ts'

const words = texts.register
const ways = [
  ['new', words.newFamily],
  ['invited', words.invited],
] as const
const fields = ['display_name', 'email', 'password', 'family_name', 'invitation_token']

export function RegisterForm() {
  const { call, keeper } = useApi()
  const [way, setWay] = useState<'new' | 'invited'>(() => (invitationInAddress() ? 'invited' : 'new'))
  const register = useAction(async (given: Record<string, string>) => {
    const { email = '', password = '', display_name = '', family_name = '', invitation_token = '' } = given
    const family = way === 'new' ? { family_name } : { invitation_token }
    const session = await call('register', { body: { email, password, display_name, ...family } })
    forgetInvitation()
    await keeper.begin(session)
  })
  const { failure } = register
  return (
    <form className="stack" onSubmit={(event) => void register.start(readForm(event))}>
      <Field
        label={words.displayName}
        name="display_name"
        autoComplete="name"
        maxLength={80}
        required
        failure={failure}
      />
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
        hint={words.passwordHint}
        name="password"
        type="password"
        autoComplete="new-password"
        minLength={12}
        required
        failure={failure}
      />
      <Choice legend={words.how} name="way" options={ways} value={way} onChange={setWay} />
      {way === 'new' ? (
        <Field label={words.familyName} name="family_name" maxLength={80} required failure={failure} />
      ) : (
        <Field
          label={words.token}
          name="invitation_token"
          defaultValue={invitationInAddress()}
          autoComplete="off"
          required
          failure={failure}
        />
      )}
      <FailureNotice failure={failure} fields={fields} />
      <Button look="primary" type="submit" busy={register.busy}>
        {words.submit}
      </Button>
    </form>
  )
}
