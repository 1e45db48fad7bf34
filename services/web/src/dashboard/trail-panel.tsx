import { useState } from 'react'
import type { Answer } from '@common-purse/contracts'
import { useApi } from '../session/api-context.ts'
import { texts } from '../texts.ts'
import { Button } from '../ui/button.tsx'
import { FailureNotice, StatusNotice } from '../ui/notices.tsx'
import { Panel } from '../ui/panel.tsx'
import { useAction } from '../use-action.ts'

const words = texts.trail

/** Whether the family's trail is whole, when somebody asks. */
export function TrailPanel() {
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
      <div className="stack">
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
      </div>
    </Panel>
  )
}
