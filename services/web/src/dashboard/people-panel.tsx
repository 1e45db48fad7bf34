import { hasPermission } from '@common-purse/contracts'
import { useSession } from '../session/api-context.ts'
import { texts } from '../texts.ts'
import { Panel } from '../ui/panel.tsx'
import { InviteForm } from './invite-form.tsx'
import type { MemberOfFamily } from './use-family-money.ts'

const words = texts.people

export function PeoplePanel({ members }: { members: MemberOfFamily[] }) {
  const { user, family } = useSession()
  return (
    <Panel title={words.title}>
      <ul className="people">
        {members.map(({ user_id, display_name, role }) => (
          <li key={user_id}>
            <span>
              {display_name} {user_id === user.id && <span className="quiet">({words.you})</span>}
            </span>
            <span className="quiet small">{texts.roles[role]}</span>
          </li>
        ))}
      </ul>
      {hasPermission(family.role, 'member.invite') && (
        <details>
          <summary>{words.invite}</summary>
          <InviteForm />
        </details>
      )}
    </Panel>
  )
}
