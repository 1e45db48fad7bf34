/** What Telegram answers when it does not do what a bot asked. */
export interface Refusal {
  code: number
  description: string
  /** Seconds, with code 429. */
  retryAfter?: number
}

/** Thrown by a method of the Bot API. */
export class RefusedError extends Error {
  readonly refusal: Refusal
  constructor(refusal: Refusal) {
    super(refusal.description)
    this.refusal = refusal
  }
}

export const refuse = (code: number, description: string): RefusedError =>
  new RefusedError({ code, description })

export type Parameters = Record<string, unknown>
