import type { ButtonHTMLAttributes } from 'react'

type ButtonProps = ButtonHTMLAttributes<HTMLButtonElement> & {
  look?: 'primary' | 'plain' | 'danger' | 'link'
  busy?: boolean
}

/** A button that keeps the focus while it is busy; `useAction` ignores presses meanwhile. */
export function Button({ look = 'plain', busy = false, type = 'button', ...rest }: ButtonProps) {
  return <button {...rest} type={type} className={`button ${look}`} aria-disabled={busy} aria-busy={busy} />
}
