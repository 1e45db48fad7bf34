const marker = Symbol('failure')

/** An expected failure: its text is for the person at the terminal, and no stack is shown with it. */
export function failure(...lines: string[]): Error {
  return Object.assign(new Error(lines.join('\n')), { [marker]: true })
}

export const isFailure = (error: unknown): boolean => error instanceof Error && marker in error

/** What to print for anything that was thrown. */
export function describeError(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return isFailure(error) ? error.message : (error.stack ?? error.message)
}

/** The message alone, on one line, for a sentence that names why something did not work. */
export function reasonOf(error: unknown): string {
  const text = error instanceof Error ? error.message || error.name : String(error)
  return text.split('\n')[0] ?? text
}
