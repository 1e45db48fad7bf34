import type { Answer, AuditEvent } from '@common-purse/contracts'
import { useState } from 'react'
import { formatTime } from '../format.ts'
import { useApi } from '../session/api-context.ts'
import { texts } from '../texts.ts'
import { Button } from '../ui/button.tsx'
import { FailureNotice, StatusNotice } from '../ui/notices.tsx'
import { Panel } from '../ui/panel.tsx'
import { useAction } from '../use-action.ts'
import { nameOf } from './transaction-text.ts'
import type { MemberOfFamily } from './use-family-money.ts'

const words = texts.trail

/** Whether the family's trail is whole, and what is in it, when somebody asks. */
export function TrailPanel({ members }: { members: MemberOfFamily[] }) {
  const { call } = useApi()
  const [found, setFound] = useState<Answer<'verifyAudit'>>()
  const check = useAction<void>(
    async () => {
      setFound(undefined)
      setFound(await call('verifyAudit'))
    },
    { changes: false },
  )
  return (
    <Panel title={words.title}>
      <p className="quiet">{words.text}</p>
      <FailureNotice failure={check.failure} />
      <StatusNotice bad={found?.intact === false}>
        {found && (
          <p>{found.intact ? words.intact(found.entries) : words.broken(found.first_broken_seq ?? 0)}</p>
        )}
        {found && (
          <p className="small">
            {words.head} <code title={found.head.hash}>{found.head.hash.slice(0, 16)}…</code>
          </p>
        )}
      </StatusNotice>
      <Button busy={check.busy} onClick={() => void check.start()}>
        {words.check}
      </Button>
      <Entries members={members} />
    </Panel>
  )
}

/** What has happened, newest first: everything, or what concerns oneself, by one's role. */
function Entries({ members }: { members: MemberOfFamily[] }) {
  const { call } = useApi()
  const [shown, setShown] = useState<{ items: AuditEvent[]; next: string | null }>()
  const more = useAction<void>(
    async () => {
      const cursor = shown?.next
      const page = await call('listAuditEvents', { query: { limit: '20', ...(cursor ? { cursor } : {}) } })
      setShown({ items: [...(shown?.items ?? []), ...page.items], next: page.next_cursor })
    },
    { changes: false },
  )
  return (
    <>
      {shown && (
        <ol className="trail" tabIndex={0} aria-label={words.show}>
          {shown.items.map(({ id, seq, action, actor_id, occurred_at, reason }) => (
            <li key={id} value={seq}>
              <p>
                <span className="strong">{actor_id === null ? words.system : nameOf(actor_id, members)}</span>{' '}
                {words.actions[action] ?? action}
                {reason && <span className="quiet"> “{reason}”</span>}
              </p>
              <p className="quiet small">{formatTime(occurred_at)}</p>
            </li>
          ))}
        </ol>
      )}
      {shown?.items.length === 0 && <p className="quiet">{words.empty}</p>}
      <FailureNotice failure={more.failure} />
      {shown?.next !== null && (
        <Button look="link" busy={more.busy} onClick={() => void more.start()}>
          {shown ? words.older : words.show}
        </Button>
      )}
    </>
  )
}
