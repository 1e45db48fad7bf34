import { actionOf, DomainEvent, eventType } from '@common-purse/contracts'
import { PoisonError } from './poison.ts'

/** No event of ours comes near: one that large would burden every reader of the trail for ever. */
const CHARACTERS_MAX = 256 * 1024
/** Deeper than any request may be, and far from what a reader's stack bears. */
const DEPTH_MAX = 32

/**
 * Reads the text of a message as an event; throws a PoisonError that says what is wrong with it. `subject` is the one it
 * came under, with or without an installation's prefix.
 */
export function parseDomainEvent(text: string, subject: string): DomainEvent {
  const value = parseJson(text)
  checkContent(value, 1)
  const { type } = value as { type?: unknown }
  if (typeof type === 'string' && actionOf(type) === undefined)
    throw new PoisonError('unknown', `Unknown event type: ${type.slice(0, 100)}`)
  const event = DomainEvent.safeParse(value)
  if (!event.success) {
    const [issue] = event.error.issues
    throw new PoisonError('unreadable', `${issue!.path.join('.') || 'The message'}: ${issue!.message}`)
  }
  return inItsPlace(event.data, subject)
}

function parseJson(text: string): object {
  if (text.length > CHARACTERS_MAX)
    throw new PoisonError('content', `${text.length} characters are larger than ${CHARACTERS_MAX}`)
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    throw new PoisonError('unreadable', `Not JSON: ${(cause as Error).message}`, { cause })
  }
  if (typeof value !== 'object' || value === null)
    throw new PoisonError('unreadable', 'The message is no JSON object')
  return value
}

/** What neither PostgreSQL nor RFC 8785 can keep as it is: a NUL, half of a character, 1e999, a depth without end. */
function checkContent(value: unknown, depth: number): void {
  if (depth > DEPTH_MAX) throw new PoisonError('content', `Nested deeper than ${DEPTH_MAX} levels`)
  if (typeof value === 'string') return checkText(value)
  if (value === Infinity || value === -Infinity)
    throw new PoisonError('content', 'A number that is too large')
  if (typeof value !== 'object' || value === null) return
  for (const [name, inner] of Object.entries(value)) {
    checkText(name)
    checkContent(inner, depth + 1)
  }
}

function checkText(text: string): void {
  if (text.includes('\0')) throw new PoisonError('content', 'A text with a NUL')
  if (!text.isWellFormed()) throw new PoisonError('content', 'A text with half of a character')
}

/** Who may write to a subject may not speak for others: type, subject and source say the same. */
function inItsPlace(event: DomainEvent, subject: string): DomainEvent {
  const type = eventType(actionOf(event.type)!)
  if (subject !== type && !subject.endsWith(`.${type}`))
    throw new PoisonError('misplaced', `An event of type ${type} under the subject ${subject.slice(0, 200)}`)
  if (event.source !== `/${type.split('.')[0]}`)
    throw new PoisonError('misplaced', `An event of type ${type} from the source ${event.source}`)
  return event
}
