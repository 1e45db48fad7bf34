import { useCallback } from 'react'
import { useApi, useSession } from '../session/api-context.ts'
import { texts } from '../texts.ts'
import { Brand } from './brand.tsx'
import { Button } from './button.tsx'
import { Link } from './link.tsx'
import { FailureNotice } from './notices.tsx'
import { usePath } from '../use-address.ts'
import { useAction } from '../use-action.ts'
import { useLoaded } from '../use-loaded.ts'

/** Who is here, in which family, and the way out. */
export function Header() {
  const { signOut } = useApi()
  const { user, family } = useSession()
  const leave = useAction<void>(() => signOut())
  return (
    <header className="top">
      <a className="skip" href="#content">
        {texts.header.skip}
      </a>
      <Brand />
      <div className="who">
        <FamilyName />
        <p className="quiet small">
          {user.display_name} · {texts.roles[family.role]}
        </p>
      </div>
      <Pages />
      <Button busy={leave.busy} onClick={() => void leave.start()}>
        {texts.header.signOut}
      </Button>
    </header>
  )
}

function Pages() {
  const path = usePath()
  const isSettings = path === '/settings'
  return (
    <nav aria-label={texts.header.pages}>
      <Link href="/" aria-current={isSettings ? undefined : 'page'}>
        {texts.header.money}
      </Link>
      <Link href="/settings" aria-current={isSettings ? 'page' : undefined}>
        {texts.header.settings}
      </Link>
    </nav>
  )
}

/** The family's name; a choice for those who belong to more than one. */
function FamilyName() {
  const { call, keeper } = useApi()
  const { family } = useSession()
  const me = useLoaded(useCallback(() => call('getMe'), [call]))
  const change = useAction((id: string) => keeper.renew(id), { changes: false })
  const families = me.value?.families ?? []
  if (families.length < 2) return <p className="strong">{family.name}</p>
  return (
    <>
      <select
        aria-label={texts.header.family}
        value={family.id}
        onChange={(event) => void change.start(event.target.value)}
      >
        {families.map(({ id, name }) => (
          <option key={id} value={id}>
            {name}
          </option>
        ))}
      </select>
      <FailureNotice failure={change.failure} />
    </>
  )
}
