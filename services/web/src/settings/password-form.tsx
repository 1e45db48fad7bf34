import type { FormEvent } from 'react'
import { useApi, useSession } from '../session/api-context.ts'
import { texts } from '../texts.ts'
import { Button } from '../ui/button.tsx'
import { Field } from '../ui/field.tsx'
import { useNews } from '../ui/news.tsx'
import { FailureNotice } from '../ui/notices.tsx'
import { Panel } from '../ui/panel.tsx'
import { readForm } from '../ui/read-form.ts'
import { useAction } from '../use-action.ts'

const words = texts.settings.password

interface Passwords {
  current_password: string
  new_password: string
}

export function PasswordForm() {
  const { call } = useApi()
  const { user } = useSession()
  const announce = useNews()
  const change = useAction(async (body: Passwords, idempotencyKey) => {
    await call('changePassword', { body, idempotencyKey })
    announce(words.changed)
  })
  const handleSubmit = async (event: FormEvent<HTMLFormElement>) => {
    const form = event.currentTarget
    const { current_password = '', new_password = '' } = readForm(event)
    if (await change.start({ current_password, new_password })) form.reset()
  }
  const failure =
    change.failure?.code === 'credentials_invalid' ? { ...change.failure, text: words.wrong } : change.failure
  return (
    <Panel title={words.title}>
      <form className="stack" onSubmit={(event) => void handleSubmit(event)}>
        {/* Password managers want to know whose password it is. */}
        <input hidden readOnly autoComplete="username" value={user.email} />
        <Field
          label={words.current}
          name="current_password"
          type="password"
          autoComplete="current-password"
          required
          failure={failure}
        />
        <Field
          label={words.next}
          hint={texts.register.passwordHint}
          name="new_password"
          type="password"
          autoComplete="new-password"
          minLength={12}
          required
          failure={failure}
        />
        <FailureNotice failure={failure} fields={['current_password', 'new_password']} />
        <div>
          <Button type="submit" busy={change.busy}>
            {words.submit}
          </Button>
        </div>
      </form>
    </Panel>
  )
}
