import { hasPermission, type Role } from '@common-purse/contracts'
import { useApi, useSession } from '../session/api-context.ts'
import { texts } from '../texts.ts'
import { Button } from '../ui/button.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { SelectField } from '../ui/field.tsx'
import { useNews } from '../ui/news.tsx'
import { FailureNotice } from '../ui/notices.tsx'
import { options } from '../ui/options.tsx'
import { readForm } from '../ui/read-form.ts'
import { useAction } from '../use-action.ts'
import type { MemberOfFamily } from './use-family-money.ts'

const words = texts.people

interface MemberDialogProps {
  member: MemberOfFamily
  onChange: () => Promise<void>
  onClose: () => void
}

/** Another role for somebody, or the way out of the family. */
export function MemberDialog({ member, onChange, onClose }: MemberDialogProps) {
  const { call } = useApi()
  const { family } = useSession()
  const announce = useNews()
  const { user_id, display_name } = member
  const params = { id: family.id, user_id }
  const finish = async (news: string) => {
    onClose()
    announce(news)
    await onChange()
  }
  const save = useAction(async (role: Role, idempotencyKey) => {
    await call('updateMember', { params, body: { role }, idempotencyKey })
    await finish(words.roleChanged(display_name, texts.roles[role]))
  })
  const remove = useAction<void>(async (_, idempotencyKey) => {
    await call('removeMember', { params, idempotencyKey })
    await finish(words.removed(display_name))
  })
  const mayChangeRole = hasPermission(family.role, 'member.role.update')
  const mayRemove = hasPermission(family.role, 'member.remove')
  const handleSubmit = (role: string | undefined) =>
    mayChangeRole ? void save.start(role as Role) : void remove.start()
  return (
    <Dialog
      title={words.manage(display_name)}
      submit={mayChangeRole ? words.saveRole : words.remove}
      danger={!mayChangeRole}
      busy={save.busy || remove.busy}
      onSubmit={(event) => handleSubmit(readForm(event)['role'])}
      onClose={onClose}
    >
      {mayChangeRole && (
        <SelectField label={words.role} name="role" defaultValue={member.role} failure={save.failure}>
          {options(texts.roles)}
        </SelectField>
      )}
      {mayRemove && <p className="quiet small">{words.removeText(display_name)}</p>}
      {mayChangeRole && mayRemove && (
        <Button look="danger" busy={remove.busy} onClick={() => void remove.start()}>
          {words.remove}
        </Button>
      )}
      <FailureNotice failure={save.failure ?? remove.failure} fields={['role']} />
    </Dialog>
  )
}
