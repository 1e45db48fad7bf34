import { type InputHTMLAttributes, type ReactNode, type SelectHTMLAttributes, useId } from 'react'
import type { Failure } from '../describe-failure.ts'
import { texts } from '../texts.ts'

interface Common {
  label: string
  /** The field's name in the contract; a refusal of the server is shown at the field that it names. */
  name: string
  hint?: string | undefined
  failure?: Failure | undefined
}

type FieldProps = Common & Omit<InputHTMLAttributes<HTMLInputElement>, 'name' | 'id'>

/** A labelled input. */
export function Field({ label, name, hint, failure, ...input }: FieldProps) {
  const ids = useIds(failure?.fields[name] !== undefined, hint !== undefined)
  return (
    <Frame {...{ label, name, hint, failure, ids }} optional={!input.required}>
      <input {...input} {...ids.control} name={name} />
    </Frame>
  )
}

type SelectProps = Common & Omit<SelectHTMLAttributes<HTMLSelectElement>, 'name' | 'id'>

/** A labelled choice; `children` are its options. */
export function SelectField({ label, name, hint, failure, ...select }: SelectProps) {
  const ids = useIds(failure?.fields[name] !== undefined, hint !== undefined)
  return (
    <Frame {...{ label, name, hint, failure, ids }}>
      <select {...select} {...ids.control} name={name} />
    </Frame>
  )
}

type Ids = ReturnType<typeof useIds>

function useIds(invalid: boolean, hinted: boolean) {
  const id = useId()
  const described = [hinted && `${id}-hint`, invalid && `${id}-error`].filter(Boolean).join(' ')
  const control = { id, ...(invalid ? { 'aria-invalid': true } : {}) }
  return { id, control: described ? { ...control, 'aria-describedby': described } : control }
}

function Frame(props: Common & { ids: Ids; optional?: boolean; children: ReactNode }) {
  const { label, name, hint, failure, ids, optional = false, children } = props
  const error = failure?.fields[name]
  return (
    <div className="field">
      <label htmlFor={ids.id}>
        {label} {optional && <span className="quiet">({texts.optional})</span>}
      </label>
      {children}
      {hint && (
        <p className="hint" id={`${ids.id}-hint`}>
          {hint}
        </p>
      )}
      {error && (
        <p className="field-error" id={`${ids.id}-error`}>
          {error}
        </p>
      )}
    </div>
  )
}
