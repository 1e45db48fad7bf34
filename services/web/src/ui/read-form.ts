import type { FormEvent } from 'react'

/** Stops the browser's own submit and answers the form's fields as trimmed text. */
export function readForm(event: FormEvent<HTMLFormElement>): Record<string, string> {
  event.preventDefault()
  const entries = [...new FormData(event.currentTarget)]
  return Object.fromEntries(
    entries.flatMap(([name, value]) => (typeof value === 'string' ? [[name, trimmed(name, value)]] : [])),
  )
}

/** Spaces around a password belong to it. */
const trimmed = (name: string, value: string) => (name.includes('password') ? value : value.trim())
