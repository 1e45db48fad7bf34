import { type FormEvent, useEffect, useRef, useState } from 'react'
import type { Failure } from '../describe-failure.ts'
import { texts } from '../texts.ts'
import { Button } from './button.tsx'
import { Field } from './field.tsx'
import { FailureNotice } from './notices.tsx'

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

/** Asks for the reason that the API requires; Escape closes it. */
export function ReasonDialog(props: ReasonDialogProps) {
  const { title, subject, text, submit, busy, failure, onSubmit, onClose } = props
  const dialog = useRef<HTMLDialogElement>(null)
  const [reason, setReason] = useState('')
  useEffect(() => dialog.current?.showModal(), [])
  const handleSubmit = (event: FormEvent) => {
    event.preventDefault()
    onSubmit(reason.trim())
  }
  return (
    <dialog ref={dialog} onClose={onClose} aria-label={title}>
      <form onSubmit={handleSubmit} className="stack">
        <h2>{title}</h2>
        <p className="strong">{subject}</p>
        {text && <p className="quiet">{text}</p>}
        <Field
          label={texts.transactions.reason}
          name="reason"
          value={reason}
          onChange={(event) => setReason(event.target.value)}
          failure={failure}
          maxLength={200}
          required
          autoFocus
        />
        <FailureNotice failure={failure} fields={['reason']} />
        <div className="actions">
          <Button onClick={() => dialog.current?.close()}>{texts.back}</Button>
          <Button look="danger" type="submit" busy={busy}>
            {submit}
          </Button>
        </div>
      </form>
    </dialog>
  )
}
