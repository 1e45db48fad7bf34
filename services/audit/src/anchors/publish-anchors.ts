import type { Logger } from '@common-purse/kit/logger'
import type pg from 'pg'
import type { AnchorStream, PlacedAnchor } from './anchor-stream.ts'
import { type FamilyEnd, findHashes, findUnanchored, markAnchored, unanchoredCount } from './anchor-store.ts'
import { decideAnchor } from './decide-anchor.ts'
import { watchStream } from './watch-stream.ts'

interface Deps {
  pool: pg.Pool
  anchors: AnchorStream
  logger: Logger
}

const PAGE_FAMILIES = 200
const BEFORE_ALL = '00000000-0000-0000-0000-000000000000'

export interface AnchorPublisher {
  /**
   * Anchors every chain that grew since its last anchor, and every chain there is where the stream of anchors is another
   * than before. A crash in between leaves what is missing for the next turn.
   */
  turn(): Promise<void>
  /** How many chains are not anchored as they are, as far as is known. */
  unanchored(): Promise<number>
  /** How many chains lack what was anchored of them, or have something else than an anchor where it should be. */
  contradicted(): number
}

/**
 * Publishes the ends of chains. Several replicas may: an anchor is only taken after the one that was read before, so
 * that a family's anchors never go back.
 */
export function createAnchorPublisher({ pool, anchors, logger }: Deps): AnchorPublisher {
  const contradicted = new Set<string>()
  let failures: unknown[] = []
  const stream = watchStream(pool, logger)

  const anchorOne = async (
    head: FamilyEnd,
    last: PlacedAnchor | undefined,
    hashes: ReadonlyMap<string, string>,
  ): Promise<{ familyId: string; seq: number } | undefined> => {
    const { familyId, seq, hash } = head
    const decision = decideAnchor(head, last, hashes.get(familyId))
    if (decision === 'contradicted') {
      if (!contradicted.has(familyId)) tell(logger, last!)
      contradicted.add(familyId)
      return undefined
    }
    contradicted.delete(familyId)
    if (decision === 'known') return { familyId, seq: last!.end!.seq }
    const anchor = { family_id: familyId, seq, hash, at: new Date().toISOString() }
    // Another replica was faster: the next turn looks at what it left.
    return (await anchors.add(anchor, last?.place ?? 0)) ? { familyId, seq } : undefined
  }

  const anchorPage = async (heads: FamilyEnd[]): Promise<void> => {
    const asked = await Promise.allSettled(heads.map(({ familyId }) => anchors.last(familyId)))
    const known = heads.flatMap((head, n) => {
      const last = asked[n]!
      return last.status === 'fulfilled' ? [{ head, last: last.value }] : []
    })
    // Read after the anchors: whatever was anchored had been committed before.
    const places = known.flatMap(({ last }) =>
      last?.end ? [{ familyId: last.familyId, seq: last.end.seq }] : [],
    )
    const hashes = await findHashes(pool, places)
    const done = await Promise.allSettled(known.map(({ head, last }) => anchorOne(head, last, hashes)))
    await markAnchored(
      pool,
      done.flatMap((result) => (result.status === 'fulfilled' && result.value ? [result.value] : [])),
    )
    const failure = [...asked, ...done].find((result) => result.status === 'rejected')
    if (failure) failures.push(failure.reason)
  }

  return {
    turn: async () => {
      failures = []
      const end = await stream.greet(anchors.end)
      let heads: FamilyEnd[] = []
      do {
        const afterFamily = heads.at(-1)?.familyId ?? BEFORE_ALL
        heads = await findUnanchored(pool, { afterFamily, limit: PAGE_FAMILIES, all: stream.isNew() })
        if (heads.length > 0) await anchorPage(heads)
      } while (heads.length === PAGE_FAMILIES)
      if (failures.length > 0) throw failures[0]
      await stream.settle(end)
    },
    unanchored: () => unanchoredCount(pool, stream.isNew()),
    contradicted: () => contradicted.size,
  }
}

const tell = (logger: Logger, { familyId, place, end }: PlacedAnchor): void =>
  logger.error(
    { family_id: familyId, place, seq: end?.seq },
    end
      ? 'The trail no longer has what was anchored'
      : 'What is among the anchors of the trail cannot be read',
  )
