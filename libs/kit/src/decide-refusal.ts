import { type StreamName, streams } from '@common-purse/contracts'

/** What headers take of the bus's limit for a message, generously. */
const HEADERS_MAX = 1_024

/** The stream that keeps a subject, undefined when none does. */
export const streamOf = (subject: string): StreamName | undefined =>
  (Object.keys(streams) as StreamName[]).find((name) => subject.startsWith(streams[name].slice(0, -1)))

/**
 * Why the bus would never take an event however often it is sent, or undefined when it may. `bytes` is the size of its
 * JSON, `bytesMax` what the server takes for one message.
 */
export function decideRefusal(
  event: { subject: string; bytes: number },
  bytesMax: number,
): string | undefined {
  if (!streamOf(event.subject) || !/^[\w-]+(\.[\w-]+)+$/.test(event.subject))
    return `No stream keeps the subject ${event.subject}`
  if (event.bytes + HEADERS_MAX > bytesMax)
    return `${event.bytes} bytes are more than the bus takes (${bytesMax} with headers)`
  return undefined
}
