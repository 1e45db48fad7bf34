import { type FormEvent, type ReactNode, useEffect, useId, useRef } from 'react'
import { texts } from '../texts.ts'
import { Button } from './button.tsx'

interface DialogProps {
  title: string
  submit: string
  busy: boolean
  danger?: boolean
  onSubmit: (event: FormEvent<HTMLFormElement>) => void
  onClose: () => void
  children: ReactNode
}

/** A form above the page. Escape closes it, the focus stays in it, and goes back to where it came from. */
export function Dialog({ title, submit, busy, danger = false, onSubmit, onClose, children }: DialogProps) {
  const dialog = useRef<HTMLDialogElement>(null)
  const id = useId()
  useEffect(() => {
    const before = document.activeElement
    dialog.current?.showModal()
    return () => (before instanceof HTMLElement && before.isConnected ? before.focus() : undefined)
  }, [])
  return (
    <dialog ref={dialog} onClose={onClose} aria-labelledby={id}>
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault()
          onSubmit(event)
        }}
      >
        <h2 id={id}>{title}</h2>
        {children}
        <div className="actions">
          <Button onClick={() => dialog.current?.close()}>{texts.back}</Button>
          <Button look={danger ? 'danger' : 'primary'} type="submit" busy={busy}>
            {submit}
          </Button>
        </div>
      </form>
    </dialog>
  )
}
