import type { Tx } from '@common-purse/kit/database'
import { enqueue, type Origin, toEvent } from '@common-purse/kit/outbox'
import { lockTransaction, saveResolution } from './transaction-store.ts'
import { transactionValues } from './transaction-view.ts'

export interface ReversedBy {
  id: string
  /** The reversal that was posted. */
  by: string
  reason?: string | undefined
  at: Date
}

/** The original says from now on that it was reversed, and by what. */
export async function markReversed(
  tx: Tx,
  origin: Origin,
  { id, by, reason, at }: ReversedBy,
): Promise<void> {
  const original = await lockTransaction(tx, origin.familyId, id)
  if (original?.status !== 'posted') throw new Error(`${id} cannot become reversed`)
  const after = { ...original, status: 'reversed' as const, reversedBy: by, version: original.version + 1 }
  await saveResolution(tx, origin.familyId, id, after)
  const change = {
    action: 'transaction.reversed' as const,
    entityType: 'transaction',
    entityId: id,
    version: after.version,
    oldValues: { status: original.status },
    newValues: transactionValues(after),
    reason,
  }
  await enqueue(tx, [toEvent('ledger', origin, change, at)])
}
