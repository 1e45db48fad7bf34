import { hasPermission, type Transaction } from '@common-purse/contracts'
import { useState } from 'react'
import { formatClock, formatDay } from '../format.ts'
import { useApi, useSession } from '../session/api-context.ts'
import { texts } from '../texts.ts'
import { Button } from '../ui/button.tsx'
import { useNews } from '../ui/news.tsx'
import { FailureNotice } from '../ui/notices.tsx'
import { Panel } from '../ui/panel.tsx'
import { ReasonDialog } from '../ui/reason-dialog.tsx'
import { useAction } from '../use-action.ts'
import { accountsText, byDay, direction, nameOf, sumText, titleOf, whatOf } from './transaction-text.ts'
import type { FamilyMoney, LatestTransactions } from './use-family-money.ts'

const words = texts.transactions

interface RowProps {
  transaction: Transaction
  money: FamilyMoney
  onChange: () => Promise<void>
}

interface TransactionsPanelProps {
  money: FamilyMoney
  latest: LatestTransactions
  onChange: () => Promise<void>
}

export function TransactionsPanel({ money, latest, onChange }: TransactionsPanelProps) {
  const { value, failure, accountId, choose, showMore, reload } = latest
  return (
    <Panel title={words.title}>
      {money.accounts.length > 1 && (
        <select aria-label={words.account} value={accountId} onChange={(event) => choose(event.target.value)}>
          <option value="">{words.allAccounts}</option>
          {money.accounts.map(({ id, name }) => (
            <option key={id} value={id}>
              {name}
            </option>
          ))}
        </select>
      )}
      <FailureNotice failure={failure} onRetry={() => void reload()} />
      {value?.items.length === 0 && <p className="quiet">{words.empty}</p>}
      {byDay(value?.items ?? [], formatDay).map(([day, items]) => (
        <div key={day}>
          <h3 className="day">{day}</h3>
          <ul className="rows">
            {items.map((transaction) => (
              <Row key={transaction.id} transaction={transaction} money={money} onChange={onChange} />
            ))}
          </ul>
        </div>
      ))}
      {value?.more && <Button onClick={showMore}>{words.older}</Button>}
    </Panel>
  )
}

function Row({ transaction, money, onChange }: RowProps) {
  const { status, occurred_at, created_by, reason, category_id } = transaction
  const moved = status === 'posted' && direction(transaction) === 1
  const category = money.categories.find(({ id }) => id === category_id)?.name
  const about = [
    accountsText(transaction, money.accounts),
    category,
    words.by(nameOf(created_by, money.members)),
    formatClock(occurred_at),
  ]
  return (
    <li>
      <div className="row-text">
        <p className="strong">
          {titleOf(transaction)}{' '}
          {status !== 'posted' && <span className={`badge ${status}`}>{words.status[status]}</span>}
        </p>
        <p className="quiet small">{about.filter(Boolean).join(' · ')}</p>
        {reason && <p className="quiet small">“{reason}”</p>}
      </div>
      <div className="row-end">
        <p className={`sum ${moved ? 'plus' : ''} ${status === 'posted' ? '' : 'faded'}`}>
          {sumText(transaction)}
        </p>
        <Reverse transaction={transaction} onChange={onChange} />
      </div>
    </li>
  )
}

function Reverse({ transaction, onChange }: Omit<RowProps, 'money'>) {
  const { call } = useApi()
  const { family } = useSession()
  const announce = useNews()
  const [asking, setAsking] = useState(false)
  const what = whatOf(transaction)
  const reverse = useAction(async (reason: string, idempotencyKey) => {
    const made = await call('reverseTransaction', {
      params: { id: transaction.id! },
      body: { reason },
      idempotencyKey,
    })
    setAsking(false)
    announce(made.status === 'posted' ? words.reversed(what) : words.reversalWaits(what))
    await onChange()
  })
  const { status, reverses, reversed_by } = transaction
  const reversible = status === 'posted' && reverses === null && reversed_by === null
  if (!reversible || !hasPermission(family.role, 'transaction.reverse.own')) return null
  return (
    <>
      <Button look="link" onClick={() => setAsking(true)} aria-label={`${words.reverse}: ${what}`}>
        {words.reverse}
      </Button>
      {asking && (
        <ReasonDialog
          title={words.reverseTitle}
          subject={what}
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
