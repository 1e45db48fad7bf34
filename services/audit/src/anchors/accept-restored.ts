import { asTx } from '@common-purse/kit/database'
import type pg from 'pg'
import { compareAnchors } from '../chain/compare-anchors.ts'
import { recordDeed } from '../chain/record-deed.ts'
import { verifyChain } from '../chain/verify-chain.ts'
import type { AnchorStream } from './anchor-stream.ts'

/** What became of a chain that lacks what was anchored of it. */
export interface Accepted {
  familyId: string
  /**
   * Where the newest anchor was; when it cannot be read, the first one before it that does not fit, and null when all of
   * those do.
   */
  anchoredSeq: number | null
  /** Where the chain ends now. */
  seq: number
  /** The first entry that does not fit the chain itself, which is then left as it is; null when it was anchored anew. */
  brokenSeq: number | null
}

/** A chain whose anchors cannot be read or added to right now. */
export interface Failed {
  familyId: string
  failure: string
}

const PAGE_FAMILIES = 200

/**
 * After a database was restored to an earlier moment, or something that is no anchor was put among them: anchors the
 * chains anew as they are now, with the reason, which each of their trails says too. The older anchors stay on the bus. A
 * chain that is not whole in itself is not accepted.
 */
export async function* acceptRestored(
  pool: pg.Pool,
  anchors: AnchorStream,
  reason: string,
): AsyncGenerator<Accepted | Failed> {
  for (let after = '00000000-0000-0000-0000-000000000000'; ;) {
    const rows = await asTx(pool).query<{ family_id: string }>(
      'SELECT family_id FROM chain_heads WHERE seq > 0 AND family_id > $1 ORDER BY family_id LIMIT $2',
      [after, PAGE_FAMILIES],
    )
    for (const { family_id } of rows) {
      const accepted = await acceptOne(pool, anchors, family_id, reason).catch((error: Error): Failed => ({
        familyId: family_id,
        failure: error.message,
      }))
      if (accepted) yield accepted
    }
    if (rows.length < PAGE_FAMILIES) return
    after = rows.at(-1)!.family_id
  }
}

async function acceptOne(
  pool: pg.Pool,
  anchors: AnchorStream,
  familyId: string,
  reason: string,
): Promise<Accepted | undefined> {
  const last = await anchors.last(familyId)
  const unfit = await compareAnchors(asTx(pool), anchors, last)
  if (!last || !unfit) return undefined
  const anchoredSeq = last.end?.seq ?? unfit.missed?.seq ?? null
  // Looked at by itself, without its anchors.
  const { verification } = await verifyChain(pool, { ...anchors, last: () => Promise.resolve(undefined) })(
    familyId,
  )
  const { head, first_broken_seq: brokenSeq } = verification
  if (brokenSeq === null) {
    const newValues = { ...verification, anchored_seq: anchoredSeq }
    await recordDeed(pool, { familyId }, { action: 'audit.verified', reason, valuesOf: () => newValues })
    const anchor = { family_id: familyId, ...head, at: new Date().toISOString(), reason }
    if (!(await anchors.add(anchor, last.place)))
      throw new Error('Another anchor was published meanwhile; run it again')
    // It may say more than the chain has now, and then nothing would be anchored until the chain is as long again.
    await asTx(pool).query('UPDATE chain_heads SET anchored_seq = $2 WHERE family_id = $1', [
      familyId,
      head.seq,
    ])
  }
  return { familyId, anchoredSeq, seq: head.seq, brokenSeq }
}
