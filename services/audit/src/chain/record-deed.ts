import type { EventAction } from '@common-purse/contracts'
import { inTransaction } from '@common-purse/kit/database'
import { enqueue, type Origin, toEvent } from '@common-purse/kit/outbox'
import type pg from 'pg'
import type { ChainEnd } from '../entries/decide-append.ts'
import { genesisHash } from './hash-entry.ts'

interface Deed {
  action: Extract<EventAction, 'audit.verified' | 'audit.exported'>
  reason?: string
  valuesOf: (head: ChainEnd) => Record<string, unknown>
}

/** Puts on record that somebody did something with the chain itself; answers where it ended then. */
export const recordDeed = (
  pool: pg.Pool,
  origin: Origin,
  { action, reason, valuesOf }: Deed,
): Promise<ChainEnd> =>
  inTransaction(pool, async (tx) => {
    const [chain] = await tx.query<{ version: number; seq: string; hash: string; now: Date }>(
      `INSERT INTO chain_heads AS head (family_id, seq, hash, version) VALUES ($1, 0, $2, 1)
       ON CONFLICT (family_id) DO UPDATE SET version = head.version + 1
       RETURNING version, seq, hash, clock_timestamp() AS now`,
      [origin.familyId, genesisHash],
    )
    const head = { seq: Number(chain!.seq), hash: chain!.hash }
    const change = {
      action,
      entityType: 'chain',
      entityId: origin.familyId,
      version: chain!.version,
      newValues: valuesOf(head),
      reason,
    }
    await enqueue(tx, [toEvent('audit', origin, change, chain!.now)])
    return head
  })
