import type { Account, Category, Transaction, TransactionType } from '@common-purse/contracts'
import { type FormEvent, useState } from 'react'
import { exampleAmount, formatList, formatMoney, formatTime, placesOf, zeroAmount } from '../format.ts'
import { amountPattern } from '../parse-amount.ts'
import { useApi } from '../session/api-context.ts'
import { texts } from '../texts.ts'
import { Button } from '../ui/button.tsx'
import { Choice } from '../ui/choice.tsx'
import { Field, SelectField } from '../ui/field.tsx'
import { FailureNotice, StatusNotice } from '../ui/notices.tsx'
import { Panel } from '../ui/panel.tsx'
import { type Action, useAction } from '../use-action.ts'
import { today, toSubmission, type Submission } from './submission.ts'
import type { FamilyMoney } from './use-family-money.ts'
import { usePreview } from './use-preview.ts'

const words = texts.spend
const types = Object.entries(words.types) as [TransactionType, string][]
const fields = ['account_id', 'to_account_id', 'amount', 'description', 'category_id', 'occurred_at']

interface SpendPanelProps {
  money: FamilyMoney
  onChange: () => Promise<void>
}

export function SpendPanel({ money, onChange }: SpendPanelProps) {
  const open = money.accounts.filter(({ status }) => status === 'open')
  const categories = money.categories.filter(({ archived }) => !archived)
  return (
    <Panel title={words.title}>
      {open.length === 0 ? (
        <p className="quiet">{words.needsAccount}</p>
      ) : (
        <SpendForm accounts={open} categories={categories} onChange={onChange} />
      )}
    </Panel>
  )
}

interface SpendFormProps {
  accounts: Account[]
  categories: Category[]
  onChange: () => Promise<void>
}

/** What was typed stays until it is done, also when the type or the account is changed. */
function SpendForm({ accounts, categories, onChange }: SpendFormProps) {
  const { call } = useApi()
  const [type, setType] = useState<TransactionType>('expense')
  const [accountId, setAccountId] = useState(accounts[0]?.id)
  const [given, setGiven] = useState<Record<string, string>>({})
  const [news, setNews] = useState<string>()
  const account = accounts.find(({ id }) => id === accountId) ?? accounts[0]!
  const submission = toSubmission(type, account, given)
  const submit = useAction(async (body: Submission, idempotencyKey) => {
    setNews(describe(await call('submitTransaction', { body, idempotencyKey })))
  })
  const handleSubmit = async (event: FormEvent) => {
    event.preventDefault()
    setNews(undefined)
    if (!(await submit.start(submission))) return
    setGiven({})
    await onChange()
  }
  const handleChange = ({ target }: FormEvent<HTMLFormElement> & { target: EventTarget }) => {
    if (!(target instanceof HTMLInputElement || target instanceof HTMLSelectElement)) return
    if (target.type === 'radio') return
    setNews(undefined) // it is of what was done before
    setGiven((before) => ({ ...before, [target.name]: target.value }))
  }
  const inputs = { account, accounts, categories, given, failure: submit.failure }
  return (
    <form className="stack" onSubmit={(event) => void handleSubmit(event)} onChange={handleChange}>
      <Choice legend={words.title} hideLegend name="type" options={types} value={type} onChange={setType} />
      <SelectField
        label={words.account[type]}
        name="account_id"
        value={account.id}
        onChange={(event) => setAccountId(event.target.value)}
        failure={submit.failure}
      >
        {accounts.map(toOption)}
      </SelectField>
      {type === 'transfer' && <Target {...inputs} />}
      <Particulars {...inputs} type={type} />
      <Preview submission={submission} account={account} hidden={submit.busy || news !== undefined} />
      <FailureNotice failure={submit.failure} fields={fields} />
      <StatusNotice>{news}</StatusNotice>
      <Button look="primary" type="submit" busy={submit.busy}>
        {words.submit[type]}
      </Button>
    </form>
  )
}

interface Inputs {
  account: Account
  accounts: Account[]
  categories: Category[]
  given: Record<string, string>
  failure: Action<Submission>['failure']
}

/** Where a transfer can go: money does not change its currency on the way. */
function Target({ accounts, account, given, failure }: Inputs) {
  const others = accounts.filter(({ id, currency }) => id !== account.id && currency === account.currency)
  return (
    <SelectField
      label={words.toAccount}
      name="to_account_id"
      value={given['to_account_id'] ?? ''}
      onChange={ignore}
      hint={others.length === 0 ? words.noTarget : undefined}
      required
      failure={failure}
    >
      <option value="">{words.choose}</option>
      {others.map(toOption)}
    </SelectField>
  )
}

function Particulars({ account, categories, given, failure, type }: Inputs & { type: TransactionType }) {
  const places = placesOf(account.balance.posted)
  const input = (name: string) => ({ name, value: given[name] ?? '', onChange: ignore, failure })
  return (
    <>
      <Field
        {...input('amount')}
        label={words.amount(account.currency)}
        inputMode="decimal"
        pattern={amountPattern(places)}
        title={texts.amountHint(exampleAmount(places))}
        placeholder={zeroAmount(places)}
        autoComplete="off"
        required
      />
      <Field {...input('description')} label={words.description} maxLength={200} autoComplete="off" />
      <div className="pair">
        {type !== 'transfer' && categories.length > 0 && (
          <SelectField {...input('category_id')} label={words.category}>
            <option value="">{words.noCategory}</option>
            {categories.map(({ id, name }) => (
              <option key={id} value={id}>
                {name}
              </option>
            ))}
          </SelectField>
        )}
        <Field
          {...input('occurred_at')}
          label={words.day}
          type="date"
          value={given['occurred_at'] ?? today()}
          max={today()}
          required
        />
      </div>
    </>
  )
}

/** The form hears of every change itself. */
const ignore = () => undefined

interface PreviewProps {
  submission: Submission
  account: Account
  hidden: boolean
}

/** What would come of it, before it is done; the form stays as high as it is. */
function Preview({ submission, account, hidden }: PreviewProps) {
  const { transaction, failure } = usePreview(submission, hidden)
  const after = transaction?.balances_after?.find(({ account_id }) => account_id === account.id)
  const left = after && words.preview.after(account.name, formatMoney(after.available, account.currency))
  const waits = transaction?.status === 'pending_approval' && words.preview.waits(namesOf(transaction))
  return (
    <p className={`preview small ${failure ? 'bad' : 'quiet'}`} role="status">
      {failure?.text ?? [waits, left].filter(Boolean).join(' ')}
    </p>
  )
}

const toOption = ({ id, name, currency, balance }: Account) => (
  <option key={id} value={id}>
    {name} · {formatMoney(balance.available, currency)}
  </option>
)

const namesOf = ({ approval }: Transaction): string =>
  formatList((approval?.can_approve ?? []).map(({ display_name }) => display_name))

function describe(transaction: Transaction): string {
  const { amount, currency, approval, status } = transaction
  const sum = formatMoney(amount, currency)
  if (status !== 'pending_approval' || !approval) return words.posted(sum)
  return words.waits(sum, namesOf(transaction), formatTime(approval.expires_at))
}
