import type { RunningSession } from '@common-purse/contracts'
import { useCallback } from 'react'
import { formatTime } from '../format.ts'
import { useApi } from '../session/api-context.ts'
import { texts } from '../texts.ts'
import { Button } from '../ui/button.tsx'
import { useNews } from '../ui/news.tsx'
import { FailureNotice } from '../ui/notices.tsx'
import { Panel } from '../ui/panel.tsx'
import { useAction } from '../use-action.ts'
import { useLoaded } from '../use-loaded.ts'
import { deviceOf } from './device-of.ts'

const words = texts.settings.sessions

/** The sign-ins that run, each with a way to end it, and all at once. */
export function SessionsPanel() {
  const { call, signOut } = useApi()
  const announce = useNews()
  const sessions = useLoaded(useCallback(() => call('listSessions', { query: { limit: '100' } }), [call]))
  const end = useAction(async (id: string, idempotencyKey) => {
    await call('endSession', { params: { id }, idempotencyKey })
    announce(words.ended)
    await sessions.reload()
  })
  const leave = useAction<void>(() => signOut('global'))
  return (
    <Panel title={words.title}>
      <ul className="rows">
        {(sessions.value?.items ?? []).map((session) => (
          <Row key={session.id} session={session} onEnd={(id) => void end.start(id)} />
        ))}
      </ul>
      <FailureNotice failure={sessions.failure} onRetry={() => void sessions.reload()} />
      <FailureNotice failure={end.failure ?? leave.failure} />
      <div>
        <Button look="danger" busy={leave.busy} onClick={() => void leave.start()}>
          {words.everywhere}
        </Button>
      </div>
    </Panel>
  )
}

function Row({ session, onEnd }: { session: RunningSession; onEnd: (id: string) => void }) {
  const { id, client, user_agent, ip, last_seen_at, current } = session
  const device = [words.clients[client], deviceOf(user_agent) ?? words.unknown].join(' · ')
  return (
    <li>
      <div className="row-text">
        <p className="strong">
          {device} {current && <span className="badge posted">{words.current}</span>}
        </p>
        <p className="quiet small">{words.seen(formatTime(last_seen_at), ip)}</p>
      </div>
      {!current && (
        <Button look="link" aria-label={words.endOf(device)} onClick={() => onEnd(id)}>
          {words.end}
        </Button>
      )}
    </li>
  )
}
