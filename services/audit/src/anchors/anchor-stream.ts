import { Anchor, anchorSubject, Problem } from '@common-purse/contracts'
import type { Bus, BusLink } from '@common-purse/kit/bus'
import type { ChainEnd } from '../entries/decide-append.ts'
import type { StreamEnd } from './watch-stream.ts'

/** A message under a family's subject, at its place in the stream. */
export interface PlacedAnchor {
  familyId: string
  place: number
  /** The end of the chain that was anchored; null when what is there is no anchor of this family. */
  end: ChainEnd | null
}

/** The families' anchors on the bus. Every function throws Problem `upstream_unavailable` while the bus is away. */
export interface AnchorStream {
  /** When the stream was made, and its end. A bus that lost its disk has made it anew since; an older disk ends before. */
  end(): Promise<StreamEnd>
  /** The family's newest anchor. */
  last(familyId: string): Promise<PlacedAnchor | undefined>
  /** The family's first anchor at this place of the stream or after it. */
  next(familyId: string, place: number): Promise<PlacedAnchor | undefined>
  /** Adds an anchor, unless the family's newest is not at `afterPlace` (0 for none) any more. */
  add(anchor: Anchor, afterPlace: number): Promise<boolean>
}

const WRONG_LAST_SEQUENCE = 10_071
const STREAM_NOT_FOUND = 10_059

export function createAnchorStream(link: BusLink): AnchorStream {
  const onBus = async <Result>(work: (bus: Bus) => Promise<Result>): Promise<Result> => {
    try {
      if (!link.isConnected()) throw new Error('NATS is not connected')
      return await work(await link.ready)
    } catch (cause) {
      if ((cause as { code?: unknown }).code === STREAM_NOT_FOUND) link.repair()
      throw new Problem('upstream_unavailable', 'The anchors of the trail cannot be read right now', {
        cause,
        retryAfter: 1,
      })
    }
  }
  return {
    end: () =>
      onBus(async ({ jsm, stream }) => {
        const { created, state } = await jsm.streams.info(stream('ANCHORS'))
        return { created, lastSeq: state.last_seq }
      }),
    last: (familyId) =>
      onBus(async ({ jsm, stream, subject }) =>
        toAnchor(
          familyId,
          await jsm.streams.getMessage(stream('ANCHORS'), { last_by_subj: subject(anchorSubject(familyId)) }),
        ),
      ),
    next: (familyId, place) =>
      onBus(async ({ jsm, stream, subject }) => {
        const query = { seq: place, next_by_subj: subject(anchorSubject(familyId)) }
        return toAnchor(familyId, await jsm.streams.getMessage(stream('ANCHORS'), query))
      }),
    add: (anchor, afterPlace) =>
      onBus(async ({ js, subject }) => {
        const expect = { lastSubjectSequence: afterPlace }
        try {
          await js.publish(subject(anchorSubject(anchor.family_id)), JSON.stringify(anchor), { expect })
          return true
        } catch (error) {
          if ((error as { code?: unknown }).code === WRONG_LAST_SEQUENCE) return false
          throw error
        }
      }),
  }
}

const toAnchor = (
  familyId: string,
  message: { seq: number; json(): unknown } | null,
): PlacedAnchor | undefined =>
  message === null ? undefined : { familyId, place: message.seq, end: readEnd(familyId, message) }

/** Whoever has the bus's password can put anything there: it is judged, and is no reason to fail. */
function readEnd(familyId: string, message: { json(): unknown }): ChainEnd | null {
  try {
    const { family_id, seq, hash } = Anchor.parse(message.json())
    return family_id === familyId ? { seq, hash } : null
  } catch {
    return null
  }
}
