import type { AuditVerification } from '@common-purse/contracts'
import { inTransaction, type Tx } from '@common-purse/kit/database'
import type pg from 'pg'
import type * as z from 'zod'
import type { ChainEnd } from '../entries/decide-append.ts'
import { type EntryRow, toEntry } from '../entries/entry.ts'
import { chainStart, decideEnd, decideWalk } from './decide-walk.ts'

type Verification = z.output<typeof AuditVerification>

const PAGE_ENTRIES = 1_000

/** Recomputes a family's chain from its first entry to its head, all as of one moment. */
export const verifyChain = (pool: pg.Pool, familyId: string): Promise<Verification> =>
  inTransaction(pool, async (tx) => {
    await tx.query('SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY', [])
    const head = await readHead(tx, familyId)
    const { entries, brokenAt } = await walk(tx, familyId, head)
    return { intact: brokenAt === null, entries, head, first_broken_seq: brokenAt }
  })

async function readHead(tx: Tx, familyId: string): Promise<ChainEnd> {
  const [row] = await tx.query<{ seq: string; hash: string }>(
    'SELECT seq, hash FROM chain_heads WHERE family_id = $1',
    [familyId],
  )
  return row ? { seq: Number(row.seq), hash: row.hash } : chainStart
}

async function walk(tx: Tx, familyId: string, head: ChainEnd) {
  let end = chainStart
  for (let entries = 0; ;) {
    const rows = await tx.query<EntryRow>(
      'SELECT * FROM event_log WHERE family_id = $1 AND seq > $2 ORDER BY seq LIMIT $3',
      [familyId, end.seq, PAGE_ENTRIES],
    )
    entries += rows.length
    if (rows.length === 0) return { entries, brokenAt: decideEnd(end, head) }
    const step = decideWalk(end, rows.map(toEntry))
    if ('brokenAt' in step) return { entries: await countEntries(tx, familyId), brokenAt: step.brokenAt }
    end = step.end
  }
}

async function countEntries(tx: Tx, familyId: string): Promise<number> {
  const [row] = await tx.query<{ count: string }>('SELECT count(*) FROM event_log WHERE family_id = $1', [
    familyId,
  ])
  return Number(row?.count ?? 0)
}
