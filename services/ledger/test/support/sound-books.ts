import { expect } from '@jest/globals'
import type { LedgerHouse } from './ledger-house.ts'

/** Stops a house in whose books everything adds up after all that was done in it. */
export async function stopWithSoundBooks({ rows, stop }: LedgerHouse): Promise<void> {
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
  await stop()
}

/** What holds in a family at any time. */
export async function expectSoundFamily({ rows }: LedgerHouse, familyId: string): Promise<void> {
  const faults = {
    unbalanced: `SELECT transaction_id FROM ledger.postings WHERE family_id = $1
                 GROUP BY transaction_id, currency HAVING sum(amount) <> 0`,
    wrongBalance: `SELECT a.id FROM ledger.accounts a WHERE family_id = $1
                   AND (posted <> (SELECT coalesce(sum(amount), 0) FROM ledger.postings p WHERE p.account_id = a.id)
                     OR owner_id IS NOT NULL AND posted - held + overdraft_limit < 0)`,
    wrongHistory: `SELECT id FROM (
                     SELECT account_id AS id, balance_after, sum(amount) OVER (PARTITION BY account_id ORDER BY seq) AS sum
                     FROM ledger.postings WHERE family_id = $1) p WHERE balance_after <> sum`,
    gaps: `SELECT entity_id FROM ledger.outbox WHERE family_id = $1 GROUP BY entity_type, entity_id
           HAVING max(version) <> count(*) OR min(version) <> 1`,
  }
  for (const [fault, query] of Object.entries(faults))
    expect({ fault, rows: await rows(query, [familyId]) }).toEqual({ fault, rows: [] })
}
