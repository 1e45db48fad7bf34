import { type Answer, hasPermission, type Role } from '@common-purse/contracts'
import { useCallback, useState } from 'react'
import { formatTime } from '../format.ts'
import { useApi, useSession } from '../session/api-context.ts'
import { invitationLink } from '../sign-in/invitation-in-address.ts'
import { texts } from '../texts.ts'
import { Button } from '../ui/button.tsx'
import { SelectField } from '../ui/field.tsx'
import { FailureNotice, StatusNotice } from '../ui/notices.tsx'
import { options } from '../ui/options.tsx'
import { readForm } from '../ui/read-form.ts'
import { Secret } from '../ui/secret.tsx'
import { useAction } from '../use-action.ts'
import { useLoaded } from '../use-loaded.ts'
import type { MemberOfFamily } from './use-family-money.ts'

const words = texts.people

/** Makes an invitation and shows it this once: the server keeps only its hash. Below are those that are open. */
export function InviteForm({ members }: { members: MemberOfFamily[] }) {
  const { call } = useApi()
  const { family } = useSession()
  const [made, setMade] = useState<Answer<'createInvitation'>>()
  const params = { id: family.id }
  // `members` is new whenever something has happened: somebody may have come by an invitation, or taken one back.
  const load = useCallback(
    () => call('listInvitations', { params: { id: family.id } }),
    [call, family.id, members],
  )
  const open = useLoaded(load)
  const invite = useAction(async (role: Role, idempotencyKey) => {
    setMade(await call('createInvitation', { params, body: { role }, idempotencyKey }))
    await open.reload()
  })
  const withdraw = useAction(async (invitation_id: string, idempotencyKey) => {
    await call('revokeInvitation', { params: { ...params, invitation_id }, idempotencyKey })
    if (made?.id === invitation_id) setMade(undefined)
    await open.reload()
  })
  return (
    <div className="stack">
      <form
        className="stack"
        onSubmit={(event) => {
          const { role } = readForm(event)
          setMade(undefined)
          void invite.start(role as Role)
        }}
      >
        <SelectField label={words.role} name="role" defaultValue="member" failure={invite.failure}>
          {options(rolesToGive(family.role))}
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
      <OpenInvitations items={open.value?.items ?? []} onWithdraw={(id) => void withdraw.start(id)} />
      <FailureNotice failure={withdraw.failure ?? open.failure} />
    </div>
  )
}

/** Who may not make owners is not asked whether to. */
function rolesToGive(mine: Role): Partial<Record<Role, string>> {
  const { owner, ...others } = texts.roles
  return hasPermission(mine, 'ownership.transfer') ? { owner, ...others } : others
}

interface OpenInvitationsProps {
  items: Answer<'listInvitations'>['items']
  onWithdraw: (id: string) => void
}

function OpenInvitations({ items, onWithdraw }: OpenInvitationsProps) {
  if (items.length === 0) return null
  return (
    <>
      <h3>{words.invitations}</h3>
      <ul className="people">
        {items.map(({ id, role, expires_at }) => {
          const text = words.invitation(texts.roles[role], formatTime(expires_at))
          return (
            <li key={id}>
              <span className="small">{text}</span>
              <Button look="link" aria-label={`${words.withdraw}: ${text}`} onClick={() => onWithdraw(id)}>
                {words.withdraw}
              </Button>
            </li>
          )
        })}
      </ul>
    </>
  )
}
