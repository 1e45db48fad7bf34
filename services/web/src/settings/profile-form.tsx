import { useApi, useSession } from '../session/api-context.ts'
import { texts } from '../texts.ts'
import { Button } from '../ui/button.tsx'
import { Field } from '../ui/field.tsx'
import { useNews } from '../ui/news.tsx'
import { FailureNotice } from '../ui/notices.tsx'
import { readForm } from '../ui/read-form.ts'
import { useAction } from '../use-action.ts'

const words = texts.settings

export function ProfileForm() {
  const { call, keeper } = useApi()
  const { user } = useSession()
  const announce = useNews()
  const save = useAction(async (display_name: string, idempotencyKey) => {
    await call('updateMe', { body: { display_name }, idempotencyKey })
    announce(words.saved)
    await keeper.renew() // the name in the page's head is the session's
  })
  return (
    <form className="stack" onSubmit={(event) => void save.start(readForm(event)['display_name'] ?? '')}>
      <Field
        label={words.name}
        name="display_name"
        defaultValue={user.display_name}
        autoComplete="name"
        maxLength={80}
        required
        failure={save.failure}
      />
      <FailureNotice failure={save.failure} fields={['display_name']} />
      <div>
        <Button type="submit" busy={save.busy}>
          {words.save}
        </Button>
      </div>
    </form>
  )
}
