import { useState } from 'react'
import { texts } from '../texts.ts'
import { Button } from './button.tsx'

/** A text to hand on: selected when it is touched, and copied by a button. */
export function Secret({ label, value }: { label: string; value: string }) {
  const [copied, setCopied] = useState(false)
  const copy = () =>
    navigator.clipboard.writeText(value).then(
      () => setCopied(true),
      () => setCopied(false),
    )
  return (
    <div className="secret">
      <label>
        {label}
        <input readOnly value={value} onFocus={(event) => event.target.select()} />
      </label>
      <Button aria-label={`${texts.copy}: ${label}`} onClick={() => void copy()}>
        {copied ? texts.copied : texts.copy}
      </Button>
    </div>
  )
}
