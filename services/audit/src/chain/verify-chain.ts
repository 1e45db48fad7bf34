import type { AuditVerification } from '@common-purse/contracts'
import { inTransaction, type Tx } from '@common-purse/kit/database'
import type pg from 'pg'
import type * as z from 'zod'
import type { AnchorStream } from '../anchors/anchor-stream.ts'
import type { ChainEnd } from '../entries/decide-append.ts'
import { type EntryRow, toEntry } from '../entries/entry.ts'
import { compareAnchors } from './compare-anchors.ts'
import { decideVouched } from './decide-vouched.ts'
import { chainStart, decideEnd, decideWalk } from './decide-walk.ts'

export interface VerifiedChain {
  verification: z.output<typeof AuditVerification>
  /** Where the chain was anchored last; 0 when it never was, null when its newest anchor cannot be read. */
  anchoredSeq: number | null
}

const PAGE_ENTRIES = 1_000

/**
 * Recomputes a family's chain from its first entry to its head, all as of one moment, and compares it with what the bus
 * holds of it. Throws Problem `upstream_unavailable` while the bus is away: half a check is none.
 */
export const verifyChain =
  (pool: pg.Pool, anchors: AnchorStream) =>
  async (familyId: string): Promise<VerifiedChain> => {
    // Before the snapshot is taken: whatever was anchored by now, the snapshot has.
    const last = await anchors.last(familyId)
    return await inTransaction(pool, async (tx) => {
      await tx.query('SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY', [])
      const head = await readHead(tx, familyId)
      const { walked, intact } = await walk(tx, familyId, head)
      const unfit = await compareAnchors(tx, anchors, last)
      const brokenSeq = unfit ? decideVouched(walked, unfit.held, unfit.missed) : intact ? null : walked + 1
      const entries = brokenSeq === null ? walked : await countEntries(tx, familyId)
      return {
        verification: { intact: brokenSeq === null, entries, head, first_broken_seq: brokenSeq },
        anchoredSeq: last ? (last.end?.seq ?? null) : 0,
      }
    })
  }

async function readHead(tx: Tx, familyId: string): Promise<ChainEnd> {
  const [row] = await tx.query<{ seq: string; hash: string }>(
    'SELECT seq, hash FROM chain_heads WHERE family_id = $1',
    [familyId],
  )
  return row ? { seq: Number(row.seq), hash: row.hash } : chainStart
}

/** How far the entries fit each other and the head, and whether that is all of them. */
async function walk(tx: Tx, familyId: string, head: ChainEnd): Promise<{ walked: number; intact: boolean }> {
  let page = readPage(tx, familyId, chainStart.seq)
  for (let end = chainStart; ;) {
    const rows = await page
    const last = rows.at(-1)
    if (last) page = readPage(tx, familyId, Number(last.seq)) // while this one is hashed
    const step = decideWalk(end, rows.map(toEntry))
    const brokenAt = 'brokenAt' in step ? step.brokenAt : last ? null : decideEnd(end, head)
    if (brokenAt !== null) {
      await page // the connection does one thing at a time
      return { walked: brokenAt - 1, intact: false }
    }
    if (!last) return { walked: end.seq, intact: true }
    if ('end' in step) end = step.end
  }
}

const readPage = (tx: Tx, familyId: string, after: number): Promise<EntryRow[]> =>
  tx.query<EntryRow>('SELECT * FROM event_log WHERE family_id = $1 AND seq > $2 ORDER BY seq LIMIT $3', [
    familyId,
    after,
    PAGE_ENTRIES,
  ])

async function countEntries(tx: Tx, familyId: string): Promise<number> {
  const [row] = await tx.query<{ count: string }>('SELECT count(*) FROM event_log WHERE family_id = $1', [
    familyId,
  ])
  return Number(row?.count ?? 0)
}
