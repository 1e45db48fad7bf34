import { isDatabaseAway, sqlState } from './database.ts'

/** A message that can never be processed; the reason is kept with it. */
export interface Poison {
  stream: string
  streamSeq: number
  subject: string
  raw: Uint8Array
  /** What is wrong with it, for counting. */
  kind: PoisonKind
  /** What is wrong with it, for a person. */
  reason: string
}

/**
 * `unreadable`: not what a message looks like at all; `unknown`: a type or version that this reader does not know;
 * `misplaced`: subject, source and type do not go together; `content`: a text, number or size that cannot be stored;
 * `conflict`: a known id with other content; `failing`: whoever reads it fails at it, nobody knows why.
 */
export const poisonKinds = ['unreadable', 'unknown', 'misplaced', 'content', 'conflict', 'failing'] as const
export type PoisonKind = (typeof poisonKinds)[number]

/**
 * Thrown for an event that is wrong in itself: it is kept aside instead of tried again. Where several were handled at once,
 * `culprits` are the places of the wrong ones among them.
 */
export class PoisonError extends Error {
  override name = 'PoisonError'
  readonly kind: PoisonKind
  readonly culprits: readonly number[] | undefined

  constructor(kind: PoisonKind, message: string, options: ErrorOptions & { culprits?: number[] } = {}) {
    super(message, options)
    this.kind = kind
    this.culprits = options.culprits
  }
}

/** Thrown while a store that is no database is away: what was to be kept there waits, as it does for a database. */
export class StoreAwayError extends Error {
  override name = 'StoreAwayError'
}

/** Thrown for one event that may do better after a while, though everything is there: those behind it do not wait for it. */
export class LaterError extends Error {
  override name = 'LaterError'
  readonly afterMs: number

  constructor(message: string, options: ErrorOptions & { afterMs: number }) {
    super(message, options)
    this.afterMs = options.afterMs
  }
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** The text of a message; throws a PoisonError for bytes that are none, where JSON's own reading would guess. */
export function readText(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes)
  } catch (cause) {
    throw new PoisonError('unreadable', 'The bytes are not UTF-8', { cause })
  }
}

/** What a database refuses for what a statement says: it would refuse it again. */
const contentStates = /^(22|54)/

/** True when the event itself is the trouble, whoever noticed. */
export const isPoison = (error: unknown): boolean =>
  error instanceof PoisonError || contentStates.test(sqlState(error) ?? '')

/** True when it is not the message's fault: the database is away, busy, full, or not yet migrated, or another store is away. */
export function isPassing(error: unknown): boolean {
  if (error instanceof StoreAwayError) return true
  if (error instanceof LaterError) return false
  if (isPoison(error)) return false // its text may speak of connections
  const state = sqlState(error)
  return isDatabaseAway(error) || (state !== undefined && !state.startsWith('23'))
}

export type Verdict = Pick<Poison, 'kind' | 'reason'>

/** What is kept of an error. */
export const verdictOn = (error: unknown, otherwise: PoisonKind): Verdict => ({
  kind: error instanceof PoisonError ? error.kind : isPoison(error) ? 'content' : otherwise,
  // The texts of errors quote what was sent, and PostgreSQL keeps no NUL.
  reason: (error as Error).message.slice(0, 500).replaceAll('\0', '\\0'),
})
