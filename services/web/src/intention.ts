/** One thing a person wants done once, however often the button is pressed. */
export interface Intention {
  /** The same key for the same content until the intention is settled. */
  keyFor(content: unknown): string
  /** The outcome is known: the next press means something new. */
  settle(): void
}

export function createIntention(newKey: () => string = () => crypto.randomUUID()): Intention {
  let open: { content: string; key: string } | undefined
  return {
    keyFor: (content) => {
      const text = JSON.stringify(content) ?? ''
      if (open?.content !== text) open = { content: text, key: newKey() }
      return open.key
    },
    settle: () => {
      open = undefined
    },
  }
}
