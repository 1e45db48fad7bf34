import { useCallback, useState } from 'react'
import type { Failure } from '../describe-failure.ts'
import { useApi, useSession } from '../session/api-context.ts'
import { texts } from '../texts.ts'
import { Brand } from '../ui/brand.tsx'
import { Button } from '../ui/button.tsx'
import { FailureNotice, StatusNotice } from '../ui/notices.tsx'
import { Panel } from '../ui/panel.tsx'
import { Link } from '../ui/link.tsx'
import { useAction } from '../use-action.ts'
import { useLoaded } from '../use-loaded.ts'

const words = texts.link

/** Shows which Telegram account asks to be linked, and links it when the person says so. */
export function LinkPage() {
  const code = new URLSearchParams(location.search).get('code')
  return (
    <main className="welcome stack" id="content" tabIndex={-1}>
      <h1>
        <Brand />
      </h1>
      <Panel title={words.title}>{code ? <Request code={code} /> : <p>{words.noCode}</p>}</Panel>
    </main>
  )
}

/** "Not found" says nothing to somebody who has only pressed a link. */
const inWords = (failure: Failure): Failure =>
  failure.code === 'not_found' ? { ...failure, text: words.unknown } : failure

type Outcome = 'open' | 'linked' | 'refused'

function Request({ code }: { code: string }) {
  const { call, signOut } = useApi()
  const load = useCallback(() => call('getTelegramBinding', { params: { code } }), [call, code])
  const asked = useLoaded(load)
  const [outcome, setOutcome] = useState<Outcome>('open')
  const confirm = useAction(async (body: { code: string }, idempotencyKey) => {
    await call('confirmTelegramBinding', { body, idempotencyKey })
    setOutcome('linked')
  })
  if (outcome !== 'open') return <Finished outcome={outcome} />
  if (asked.failure)
    return (
      <div className="stack">
        <FailureNotice failure={inWords(asked.failure)} onRetry={() => void asked.reload()} />
        <Link href="/">{texts.home}</Link>
      </div>
    )
  if (!asked.value) return <p>{texts.moment}</p>
  return (
    <div className="stack">
      <p>{words.asks}</p>
      <TelegramAccount {...asked.value} />
      <Consequence asking={asked.value.telegram_id} />
      <FailureNotice failure={confirm.failure} />
      <div className="actions">
        <Button onClick={() => setOutcome('refused')}>{words.notMe}</Button>
        <Button look="primary" busy={confirm.busy} onClick={() => void confirm.start({ code })}>
          {words.confirm}
        </Button>
      </div>
      <Button look="link" onClick={() => void signOut()}>
        {words.other}
      </Button>
    </div>
  )
}

interface TelegramAccountProps {
  telegram_id: string
  username: string | null
  first_name: string | null
}

function TelegramAccount({ telegram_id, username, first_name }: TelegramAccountProps) {
  return (
    <dl className="facts">
      <dt>{words.name}</dt>
      <dd>{first_name ?? words.none}</dd>
      <dt>{words.username}</dt>
      <dd>{username ? `@${username}` : words.none}</dd>
      <dt>{words.id}</dt>
      <dd>{telegram_id}</dd>
    </dl>
  )
}

/** Whom it will act for, and what it replaces. */
function Consequence({ asking }: { asking: string }) {
  const { call } = useApi()
  const { user, family } = useSession()
  const me = useLoaded(useCallback(() => call('getMe'), [call]))
  const linked = me.value?.telegram
  return (
    <>
      <p>{words.to(user.display_name, user.email, family.name)}</p>
      {linked && linked.telegram_id !== asking && (
        <p className="notice bad">
          {words.already(linked.username ? `@${linked.username}` : linked.telegram_id)}{' '}
          <Link href="/settings">{texts.settings.title}</Link>
        </p>
      )}
      <p className="notice warm">
        <strong>{words.warning}</strong>
      </p>
    </>
  )
}

function Finished({ outcome }: { outcome: 'linked' | 'refused' }) {
  return (
    <div className="stack">
      <StatusNotice>{outcome === 'linked' ? words.done : words.refused}</StatusNotice>
      <Link href="/">{texts.home}</Link>
    </div>
  )
}
