import type { Origin } from '@common-purse/kit/outbox'
import type pg from 'pg'
import type { AnchorStream } from '../anchors/anchor-stream.ts'
import { recordDeed } from './record-deed.ts'
import { createSharedWalks } from './shared-walks.ts'
import { verifyChain } from './verify-chain.ts'

/** Each walk keeps a connection for as long as it goes; the others belong to what arrives and to who reads. */
const WALKS_MAX = 3

interface Deps {
  pool: pg.Pool
  anchors: AnchorStream
  wake: () => void
  /** Counts what came out. */
  count: (outcome: 'intact' | 'broken') => void
}

/** Verifies the family's chain, and puts on record that it was done and what came out. */
export function verifyAndRecord({ pool, anchors, wake, count }: Deps) {
  const walk = createSharedWalks(verifyChain(pool, anchors), WALKS_MAX)
  return async (origin: Origin) => {
    const { verification, anchoredSeq } = await walk(origin.familyId)
    const newValues = { ...verification, anchored_seq: anchoredSeq }
    await recordDeed(pool, origin, { action: 'audit.verified', valuesOf: () => newValues })
    count(verification.intact ? 'intact' : 'broken')
    wake()
    return verification
  }
}
