import { useApi } from '../session/api-context.ts'
import { texts } from '../texts.ts'
import { Button } from '../ui/button.tsx'
import { Field } from '../ui/field.tsx'
import { FailureNotice } from '../ui/notices.tsx'
import { readForm } from '../ui/read-form.ts'
import { useAction } from '../use-action.ts'

const words = texts.signIn

export function SignInForm() {
  const { call, keeper } = useApi()
  const signIn = useAction(
    async (body: { email: string; password: string }) => keeper.begin(await call('login', { body })),
    { changes: false },
  )
  return (
    <form
      className="stack"
      onSubmit={(event) => {
        const { email = '', password = '' } = readForm(event)
        void signIn.start({ email, password })
      }}
    >
      <Field
        label={words.email}
        name="email"
        type="email"
        autoComplete="username"
        required
        failure={signIn.failure}
      />
      <Field
        label={words.password}
        name="password"
        type="password"
        autoComplete="current-password"
        required
        failure={signIn.failure}
      />
      <FailureNotice failure={signIn.failure} fields={['email', 'password']} />
      <Button look="primary" type="submit" busy={signIn.busy}>
        {words.submit}
      </Button>
    </form>
  )
}
