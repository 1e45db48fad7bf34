import type { Answer } from '@common-purse/contracts'
import { useState } from 'react'
import { useApi } from '../session/api-context.ts'
import { texts } from '../texts.ts'
import { Button } from '../ui/button.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { useNews } from '../ui/news.tsx'
import { FailureNotice } from '../ui/notices.tsx'
import { Panel } from '../ui/panel.tsx'
import { useAction } from '../use-action.ts'

const words = texts.settings.telegram

interface TelegramPanelProps {
  linked: Answer<'getMe'>['telegram']
  onChange: () => Promise<void>
}

export function TelegramPanel({ linked, onChange }: TelegramPanelProps) {
  const { call } = useApi()
  const announce = useNews()
  const [asking, setAsking] = useState(false)
  const unlink = useAction<void>(async (_, idempotencyKey) => {
    await call('unlinkTelegram', { idempotencyKey })
    setAsking(false)
    announce(words.unlinked)
    await onChange()
  })
  if (!linked)
    return (
      <Panel title={words.title}>
        <p>{words.none}</p>
      </Panel>
    )
  const name = linked.username ? `@${linked.username} (${linked.telegram_id})` : linked.telegram_id
  return (
    <Panel title={words.title}>
      <p>{words.linked(name)}</p>
      <div>
        <Button onClick={() => setAsking(true)}>{words.unlink}</Button>
      </div>
      {asking && (
        <Dialog
          title={words.unlinkTitle}
          submit={words.unlink}
          danger
          busy={unlink.busy}
          onSubmit={() => void unlink.start()}
          onClose={() => setAsking(false)}
        >
          <p className="strong">{name}</p>
          <p>{words.unlinkText}</p>
          <FailureNotice failure={unlink.failure} />
        </Dialog>
      )}
    </Panel>
  )
}
