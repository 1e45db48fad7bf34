import { hasPermission, type Transaction } from '@common-purse/contracts'
import { useState } from 'react'
import { formatTime } from '../format.ts'
import { useApi, useSession } from '../session/api-context.ts'
import { texts } from '../texts.ts'
import { Button } from '../ui/button.tsx'
import { FailureNotice } from '../ui/notices.tsx'
import { Panel } from '../ui/panel.tsx'
import { ReasonDialog } from '../ui/reason-dialog.tsx'
import { useAction } from '../use-action.ts'
import { accountsText, direction, nameOf, sumText, titleOf } from './transaction-text.ts'
import { type FamilyMoney, loadOlder } from './use-family-money.ts'

const words = texts.transactions

interface TransactionsPanelProps {
  money: FamilyMoney
  onChange: () => Promise<void>
}

export function TransactionsPanel({ money, onChange }: TransactionsPanelProps) {
  const { call } = useApi()
  // Older pages belong to the first page they were asked after; a fresh first page starts again.
  const [older, setOlder] = useState<{ after: FamilyMoney; items: Transaction[]; next: string | null }>()
  const shown = older?.after === money ? older : { items: [], next: money.nextCursor }
  const more = useAction(
    async (cursor: string) => {
      const page = await loadOlder(call, cursor)
      setOlder({ after: money, items: [...shown.items, ...page.items], next: page.next_cursor })
    },
    { changes: false },
  )
  const all = [...money.transactions, ...shown.items]
  const { next } = shown
  return (
    <Panel title={words.title}>
      {all.length === 0 && <p className="quiet">{words.empty}</p>}
      <ul className="rows">
        {all.map((transaction) => (
          <Row key={transaction.id} transaction={transaction} money={money} onChange={onChange} />
        ))}
      </ul>
      <FailureNotice failure={more.failure} />
      {next && (
        <Button busy={more.busy} onClick={() => void more.start(next)}>
          {words.older}
        </Button>
      )}
    </Panel>
  )
}

function Row({ transaction, money, onChange }: TransactionsPanelProps & { transaction: Transaction }) {
  const { status, occurred_at, created_by, reason } = transaction
  const moved = status === 'posted' && direction(transaction) === 1
  return (
    <li>
      <div className="row-text">
        <p className="strong">{titleOf(transaction)}</p>
        <p className="quiet small">
          {accountsText(transaction, money.accounts)} · {words.by(nameOf(created_by, money.members))} ·{' '}
          {formatTime(occurred_at)}
        </p>
        {reason && <p className="quiet small">“{reason}”</p>}
      </div>
      <p className={`sum ${moved ? 'plus' : ''} ${status === 'posted' ? '' : 'faded'}`}>
        {sumText(transaction)}
      </p>
      <div className="row-actions">
        <span className={`badge ${status}`}>{words.status[status]}</span>
        <Reverse transaction={transaction} onChange={onChange} />
      </div>
    </li>
  )
}

function Reverse({
  transaction,
  onChange,
}: Omit<TransactionsPanelProps, 'money'> & { transaction: Transaction }) {
  const { call } = useApi()
  const { family } = useSession()
  const [asking, setAsking] = useState(false)
  const reverse = useAction(async (reason: string, idempotencyKey) => {
    await call('reverseTransaction', { params: { id: transaction.id! }, body: { reason }, idempotencyKey })
    setAsking(false)
    await onChange()
  })
  const { status, reverses, reversed_by } = transaction
  const reversible = status === 'posted' && reverses === null && reversed_by === null
  if (!reversible || !hasPermission(family.role, 'transaction.reverse.own')) return null
  return (
    <>
      <Button onClick={() => setAsking(true)} aria-label={`${words.reverse}: ${titleOf(transaction)}`}>
        {words.reverse}
      </Button>
      {asking && (
        <ReasonDialog
          title={words.reverseTitle}
          subject={`${titleOf(transaction)}, ${sumText(transaction)}`}
          text={words.reverseText}
          submit={words.reverse}
          busy={reverse.busy}
          failure={reverse.failure}
          onSubmit={(reason) => void reverse.start(reason)}
          onClose={() => setAsking(false)}
        />
      )}
    </>
  )
}
