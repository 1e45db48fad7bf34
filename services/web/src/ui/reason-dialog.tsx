import type { Failure } from '../describe-failure.ts'
import { texts } from '../texts.ts'
import { Dialog } from './dialog.tsx'
import { Field } from './field.tsx'
import { FailureNotice } from './notices.tsx'
import { readForm } from './read-form.ts'

interface ReasonDialogProps {
  title: string
  /** What it is about. */
  subject: string
  text?: string
  submit: string
  busy: boolean
  failure: Failure | undefined
  onSubmit: (reason: string) => void
  onClose: () => void
}

/** Asks for the reason that the API requires. */
export function ReasonDialog(props: ReasonDialogProps) {
  const { subject, text, failure, onSubmit, ...rest } = props
  return (
    <Dialog {...rest} danger onSubmit={(event) => onSubmit(readForm(event)['reason'] ?? '')}>
      <p className="strong">{subject}</p>
      {text && <p className="quiet">{text}</p>}
      <Field
        label={texts.transactions.reason}
        name="reason"
        failure={failure}
        maxLength={200}
        autoComplete="off"
        pattern=".*\S.*"
        required
        autoFocus
      />
      <FailureNotice failure={failure} fields={['reason']} />
    </Dialog>
  )
}
