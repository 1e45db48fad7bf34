import type { AnchorHTMLAttributes, MouseEvent } from 'react'
import { goTo } from '../use-address.ts'

/** A link to another of our pages; opening it in a new tab works as with any other. */
export function Link({ href, ...rest }: AnchorHTMLAttributes<HTMLAnchorElement> & { href: string }) {
  const handleClick = (event: MouseEvent) => {
    if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return
    event.preventDefault()
    goTo(href)
  }
  return <a {...rest} href={href} onClick={handleClick} />
}
