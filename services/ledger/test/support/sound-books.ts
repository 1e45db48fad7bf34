import { expect } from '@jest/globals'
import type { LedgerHouse } from './ledger-house.ts'

/** What holds in the books of everybody at any time. */
export async function expectSoundBooks({ rows }: LedgerHouse): Promise<void> {
  const unbalanced = await rows(
    'SELECT transaction_id FROM ledger.postings GROUP BY transaction_id, currency HAVING sum(amount) <> 0',
  )
  const wrongBalance = await rows(
    `SELECT a.id FROM ledger.accounts a
     WHERE a.posted <> (SELECT coalesce(sum(p.amount), 0) FROM ledger.postings p WHERE p.account_id = a.id)`,
  )
  const gaps = await rows(
    'SELECT entity_id FROM ledger.outbox GROUP BY entity_type, entity_id HAVING max(version) <> count(*) OR min(version) <> 1',
  )
  expect({ unbalanced, wrongBalance, gaps }).toEqual({ unbalanced: [], wrongBalance: [], gaps: [] })
}
