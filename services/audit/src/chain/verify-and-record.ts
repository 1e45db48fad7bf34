import { inTransaction } from '@common-purse/kit/database'
import { enqueue, type Origin, toEvent } from '@common-purse/kit/outbox'
import type pg from 'pg'
import { genesisHash } from './hash-entry.ts'
import { verifyChain } from './verify-chain.ts'

/** Verifies the family's chain, and puts on record that it was done and what came out. */
export const verifyAndRecord = (pool: pg.Pool, wake: () => void) => async (origin: Origin) => {
  const verification = await verifyChain(pool, origin.familyId)
  await inTransaction(pool, async (tx) => {
    const [chain] = await tx.query<{ version: number }>(
      `INSERT INTO chain_heads AS head (family_id, seq, hash, version) VALUES ($1, 0, $2, 1)
       ON CONFLICT (family_id) DO UPDATE SET version = head.version + 1 RETURNING version`,
      [origin.familyId, genesisHash],
    )
    const change = {
      action: 'audit.verified',
      entityType: 'chain',
      entityId: origin.familyId,
      version: chain!.version,
      newValues: { ...verification },
    } as const
    await enqueue(tx, [toEvent('audit', origin, change, new Date())])
  })
  wake()
  return verification
}
