import type { Answer, Role } from '@common-purse/contracts'
import { useState } from 'react'
import { formatTime } from '../format.ts'
import { useApi, useSession } from '../session/api-context.ts'
import { invitationLink } from '../sign-in/invitation-in-address.ts'
import { texts } from '../texts.ts'
import { Button } from '../ui/button.tsx'
import { SelectField } from '../ui/field.tsx'
import { FailureNotice, StatusNotice } from '../ui/notices.tsx'
import { options } from '../ui/options.tsx'
import { readForm } from '../ui/read-form.ts'
import { useAction } from '../use-action.ts'

const words = texts.people

/** Makes an invitation and shows it this once: the server keeps only its hash. */
export function InviteForm() {
  const { call } = useApi()
  const { family } = useSession()
  const [made, setMade] = useState<Answer<'createInvitation'>>()
  const invite = useAction(async (role: Role, idempotencyKey) =>
    setMade(await call('createInvitation', { params: { id: family.id }, body: { role }, idempotencyKey })),
  )
  return (
    <form
      className="stack"
      onSubmit={(event) => {
        const { role } = readForm(event)
        setMade(undefined)
        void invite.start(role as Role)
      }}
    >
      <SelectField label={words.role} name="role" defaultValue="member" failure={invite.failure}>
        {options(texts.roles)}
      </SelectField>
      <FailureNotice failure={invite.failure} fields={['role']} />
      <StatusNotice>
        {made && <p>{words.once(texts.roles[made.role], formatTime(made.expires_at))}</p>}
      </StatusNotice>
      {made && <Secret label={words.link} value={invitationLink(made.token)} />}
      {made && <Secret label={words.token} value={made.token} />}
      <Button look="primary" type="submit" busy={invite.busy}>
        {words.submit}
      </Button>
    </form>
  )
}

/** A text to hand on: selected when it is touched, and copied by a button. */
function Secret({ label, value }: { label: string; value: string }) {
  const [copied, setCopied] = useState(false)
  const copy = () =>
    navigator.clipboard.writeText(value).then(
      () => setCopied(true),
      () => setCopied(false),
    )
  return (
    <label className="secret">
      {label}
      <span>
        <input readOnly value={value} onFocus={(event) => event.target.select()} />
        <Button onClick={() => void copy()}>{copied ? words.copied : words.copy}</Button>
      </span>
    </label>
  )
}
