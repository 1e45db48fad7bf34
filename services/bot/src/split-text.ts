/** Telegram's limit for one message, in UTF-16 units. */
export const MESSAGE_MAX = 4096

/** A long text as messages that Telegram takes: cut between lines where it can be, never within a character. */
export function splitText(text: string, max = MESSAGE_MAX): string[] {
  const parts: string[] = []
  let rest = text
  while (rest.length > max) {
    const lineEnd = rest.lastIndexOf('\n', max)
    const cut = lineEnd > 0 ? lineEnd : max - (isWithinPair(rest, max) ? 1 : 0)
    parts.push(rest.slice(0, cut))
    rest = rest.slice(lineEnd > 0 ? cut + 1 : cut)
  }
  return [...parts, rest].filter((part) => part.trim() !== '')
}

const isWithinPair = (text: string, at: number): boolean =>
  /[\ud800-\udbff]/.test(text[at - 1] ?? '') && /[\udc00-\udfff]/.test(text[at] ?? '')
