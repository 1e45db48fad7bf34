import type { Account } from '@common-purse/contracts'
import { type FormEvent, useState } from 'react'
import { exampleAmount } from '../format.ts'
import { amountPattern, parseAmount } from '../parse-amount.ts'
import { useApi } from '../session/api-context.ts'
import { texts } from '../texts.ts'
import { Button } from '../ui/button.tsx'
import { Field, SelectField } from '../ui/field.tsx'
import { FailureNotice, StatusNotice } from '../ui/notices.tsx'
import { options } from '../ui/options.tsx'
import { readForm } from '../ui/read-form.ts'
import { useAction } from '../use-action.ts'

const words = texts.accounts
const fields = ['name', 'kind', 'currency', 'opening_balance', 'visibility']

/** `currency` is what the form begins with. */
export function OpenAccountForm({ currency, onChange }: { currency: string; onChange: () => Promise<void> }) {
  const { call } = useApi()
  const [opened, setOpened] = useState<string>()
  const open = useAction(async (given: Record<string, string>, idempotencyKey) => {
    const account = await call('openAccount', { body: toBody(given), idempotencyKey })
    setOpened(account.name)
  })
  const handleSubmit = async (event: FormEvent<HTMLFormElement>) => {
    const form = event.currentTarget
    setOpened(undefined)
    if (!(await open.start(readForm(event)))) return
    form.reset()
    await onChange()
  }
  const { failure } = open
  return (
    <form className="stack" onSubmit={(event) => void handleSubmit(event)}>
      <Field label={words.name} name="name" maxLength={80} required failure={failure} />
      <div className="pair">
        <SelectField label={words.kind} name="kind" failure={failure}>
          {options(words.kinds)}
        </SelectField>
        <Field
          label={words.currency}
          name="currency"
          defaultValue={currency}
          title={words.currencyHint}
          pattern="[A-Za-z]{3}"
          maxLength={3}
          autoComplete="off"
          required
          failure={failure}
        />
      </div>
      <Field
        label={words.opening}
        name="opening_balance"
        inputMode="decimal"
        pattern={amountPattern(3)}
        title={texts.amountHint(exampleAmount(2))}
        autoComplete="off"
        failure={failure}
      />
      <SelectField label={words.visible} name="visibility" failure={failure}>
        {options(words.visibleChoices)}
      </SelectField>
      <FailureNotice failure={failure} fields={fields} />
      <StatusNotice>{opened && words.opened(opened)}</StatusNotice>
      <Button look="primary" type="submit" busy={open.busy}>
        {words.submit}
      </Button>
    </form>
  )
}

function toBody(given: Record<string, string>) {
  const opening = parseAmount(given['opening_balance'] ?? '')
  return {
    name: given['name'] ?? '',
    kind: given['kind'] as Account['kind'],
    currency: (given['currency'] ?? '').toUpperCase(),
    visibility: given['visibility'] as Account['visibility'],
    ...(opening === '' ? {} : { opening_balance: opening }),
  }
}
