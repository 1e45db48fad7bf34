import { hasPermission } from '@common-purse/contracts'
import { useState } from 'react'
import { useSession } from '../session/api-context.ts'
import { texts } from '../texts.ts'
import { Button } from '../ui/button.tsx'
import { Panel } from '../ui/panel.tsx'
import { InviteForm } from './invite-form.tsx'
import { MemberDialog } from './member-dialog.tsx'
import type { MemberOfFamily } from './use-family-money.ts'

const words = texts.people

interface PeoplePanelProps {
  members: MemberOfFamily[]
  onChange: () => Promise<void>
}

export function PeoplePanel({ members, onChange }: PeoplePanelProps) {
  const { user, family } = useSession()
  const [managed, setManaged] = useState<MemberOfFamily>()
  const mayManage = (['member.role.update', 'member.remove'] as const).some((permission) =>
    hasPermission(family.role, permission),
  )
  return (
    <Panel title={words.title}>
      <ul className="people">
        {members.map((member) => (
          <li key={member.user_id}>
            <span>
              {member.display_name}{' '}
              {member.user_id === user.id && <span className="quiet">({words.you})</span>}
              <br />
              <span className="quiet small">{texts.roles[member.role]}</span>
            </span>
            {mayManage && member.user_id !== user.id && (
              <Button
                look="link"
                aria-label={words.manage(member.display_name)}
                onClick={() => setManaged(member)}
              >
                {words.change}
              </Button>
            )}
          </li>
        ))}
      </ul>
      {managed && <MemberDialog member={managed} onChange={onChange} onClose={() => setManaged(undefined)} />}
      {hasPermission(family.role, 'member.invite') && (
        <details>
          <summary>{words.invite}</summary>
          <InviteForm members={members} />
        </details>
      )}
    </Panel>
  )
}
