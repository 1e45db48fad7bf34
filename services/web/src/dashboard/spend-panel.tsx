import type { Account, Transaction, TransactionType } from '@common-purse/contracts'
import { type FormEvent, Fragment, useState } from 'react'
import { formatList, formatMoney, formatTime, placesOf } from '../format.ts'
import { amountPattern, parseAmount } from '../parse-amount.ts'
import { useApi } from '../session/api-context.ts'
import { texts } from '../texts.ts'
import { Button } from '../ui/button.tsx'
import { Choice } from '../ui/choice.tsx'
import { Field, SelectField } from '../ui/field.tsx'
import { FailureNotice, StatusNotice } from '../ui/notices.tsx'
import { Panel } from '../ui/panel.tsx'
import { readForm } from '../ui/read-form.ts'
import { useAction } from '../use-action.ts'

const words = texts.spend
const types = Object.entries(words.types) as [TransactionType, string][]
const fields = ['account_id', 'to_account_id', 'amount', 'description']

export function SpendPanel({ accounts, onChange }: { accounts: Account[]; onChange: () => Promise<void> }) {
  const open = accounts.filter(({ status }) => status === 'open')
  return (
    <Panel title={words.title}>
      {open.length === 0 ? (
        <p className="quiet">{words.needsAccount}</p>
      ) : (
        <SpendForm accounts={open} onChange={onChange} />
      )}
    </Panel>
  )
}

function SpendForm({ accounts, onChange }: { accounts: Account[]; onChange: () => Promise<void> }) {
  const { call } = useApi()
  const [type, setType] = useState<TransactionType>('expense')
  const [accountId, setAccountId] = useState(accounts[0]?.id)
  const [news, setNews] = useState<string>()
  const [round, setRound] = useState(0) // a new round begins with empty fields, and the same type and account
  const account = accounts.find(({ id }) => id === accountId) ?? accounts[0]!
  const submit = useAction(async (body: ReturnType<typeof toBody>, idempotencyKey) => {
    setNews(describe(await call('submitTransaction', { body, idempotencyKey })))
  })
  const handleSubmit = async (event: FormEvent<HTMLFormElement>) => {
    setNews(undefined)
    if (!(await submit.start(toBody(type, account, readForm(event))))) return
    setRound((before) => before + 1)
    await onChange()
  }
  const { failure } = submit
  return (
    <form className="stack" onSubmit={(event) => void handleSubmit(event)}>
      <Choice legend={words.title} hideLegend name="type" options={types} value={type} onChange={setType} />
      <SelectField
        label={words.account[type]}
        name="account_id"
        value={account.id}
        onChange={(event) => setAccountId(event.target.value)}
        failure={failure}
      >
        {accounts.map(toOption)}
      </SelectField>
      <Fragment key={round}>
        {type === 'transfer' && <Target accounts={accounts} from={account} failure={failure} />}
        <Field
          label={words.amount(account.currency)}
          name="amount"
          inputMode="decimal"
          pattern={amountPattern(placesOf(account.balance.posted))}
          title={texts.amountHint(placesOf(account.balance.posted))}
          autoComplete="off"
          required
          failure={failure}
        />
        <Field
          label={words.description}
          name="description"
          maxLength={200}
          autoComplete="off"
          failure={failure}
        />
      </Fragment>
      <FailureNotice failure={failure} fields={fields} />
      <StatusNotice>{news}</StatusNotice>
      <Button look="primary" type="submit" busy={submit.busy}>
        {words.submit[type]}
      </Button>
    </form>
  )
}

interface TargetProps {
  accounts: Account[]
  from: Account
  failure: ReturnType<typeof useAction>['failure']
}

/** Where a transfer can go: money does not change its currency on the way. */
function Target({ accounts, from, failure }: TargetProps) {
  const others = accounts.filter(({ id, currency }) => id !== from.id && currency === from.currency)
  return (
    <SelectField label={words.toAccount} name="to_account_id" required failure={failure}>
      <option value="">{words.choose}</option>
      {others.map(toOption)}
    </SelectField>
  )
}

const toOption = ({ id, name, currency, balance }: Account) => (
  <option key={id} value={id}>
    {name} · {formatMoney(balance.available, currency)}
  </option>
)

function toBody(type: TransactionType, account: Account, given: Record<string, string>) {
  return {
    type,
    account_id: account.id,
    ...(type === 'transfer' ? { to_account_id: given['to_account_id'] } : {}),
    amount: parseAmount(given['amount'] ?? ''),
    currency: account.currency,
    ...(given['description'] ? { description: given['description'] } : {}),
  }
}

function describe({ amount, currency, approval, status }: Transaction): string {
  const sum = formatMoney(amount, currency)
  if (status !== 'pending_approval' || !approval) return words.posted(sum)
  const names = formatList(approval.can_approve.map(({ display_name }) => display_name))
  return words.waits(sum, names, formatTime(approval.expires_at))
}
