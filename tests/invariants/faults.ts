/** A fault of one kind, as a superuser plants it with triggers and foreign keys off, and what the checker calls it. */
export interface Fault {
  name: string
  /** The first statement has to change a row or a table. */
  plant: string[]
  seen: string[]
}

/** The newest posted expense that nothing came after on its account: no chain of balances continues from it. */
const newest = `(SELECT t.id FROM ledger.transactions t JOIN ledger.postings p ON p.transaction_id = t.id
  WHERE t.type = 'expense' AND t.status = 'posted' AND t.reverses IS NULL AND t.required_approvals = 0
    AND p.account_id = t.account_id
    AND p.seq = (SELECT max(l.seq) FROM ledger.postings l WHERE l.account_id = t.account_id)
  ORDER BY t.id DESC LIMIT 1)`

/** What the checker calls a fault. */
const what = {
  transaction: 'the postings of a transaction sum to zero in each currency',
  all: 'all postings together sum to zero in each currency',
  pair: 'what was posted has two postings of its amount, and nothing else has any',
  currency: 'postings are in the currency of their transaction and of their account',
  balance: 'a balance is the sum of its postings',
  hold: 'a hold is the sum of what waits',
  chain: 'each posting knows the balance that it left',
  told: 'the API tells the balance',
  answered: 'what was answered 201 is there once, as it was told',
  unknown: 'nothing is there that was not answered',
  oneKey: 'each transaction came by one key',
  families: 'no posting joins two families',
  rows: 'rows of postings are what they were',
  reversal: 'at most one reversal, and both sides know of it',
}

const moneyFaults: Fault[] = [
  {
    name: 'I1: money out of nothing, on every balance and in the chain',
    plant: [
      `UPDATE ledger.accounts SET posted = posted + 1
       WHERE id = (SELECT account_id FROM ledger.transactions WHERE id = ${newest})`,
      `UPDATE ledger.postings p SET amount = p.amount + 1, balance_after = balance_after + 1
       FROM ledger.transactions t WHERE t.id = p.transaction_id AND t.account_id = p.account_id AND t.id = ${newest}`,
    ],
    seen: [what.transaction, what.all, what.told],
  },
  {
    name: 'I1: something rejected that has postings',
    plant: [`UPDATE ledger.transactions SET status = 'rejected' WHERE id = ${newest}`],
    seen: [what.pair],
  },
  {
    name: 'I1: something posted that has no postings',
    plant: [
      `UPDATE ledger.transactions SET status = 'posted', required_approvals = 0 WHERE id = (SELECT id
       FROM ledger.transactions WHERE status IN ('rejected', 'cancelled') AND reverses IS NULL ORDER BY id LIMIT 1)`,
    ],
    seen: [what.pair],
  },
  {
    name: 'I1: postings in another currency than their transaction and their accounts',
    plant: [`UPDATE ledger.postings SET currency = 'CHF' WHERE transaction_id = ${newest}`],
    seen: [what.currency],
  },
  {
    name: 'I2: a balance that is off by one',
    plant: [
      `UPDATE ledger.accounts SET posted = posted + 1 WHERE id = (SELECT min(id::text)::uuid FROM ledger.accounts
       WHERE kind = 'outside')`,
    ],
    seen: [what.balance],
  },
  {
    name: 'I2: a hold for nothing',
    plant: [
      `UPDATE ledger.accounts SET held = held + 1 WHERE id = (SELECT id FROM ledger.accounts
       WHERE owner_id IS NOT NULL AND posted - held > 0 ORDER BY id LIMIT 1)`,
    ],
    seen: [what.hold, what.told],
  },
  {
    name: 'I2: a wrong balance in the statement',
    plant: [
      `UPDATE ledger.postings SET balance_after = 1 - balance_after WHERE transaction_id = ${newest}
       AND amount < 0`,
    ],
    seen: [what.chain],
  },
  {
    name: 'I2: an overdraft beyond its limit',
    plant: [
      `UPDATE ledger.accounts SET overdraft_limit = -1 - posted + held WHERE id = (SELECT id FROM ledger.accounts
       WHERE owner_id IS NOT NULL AND posted - held < 0 ORDER BY id LIMIT 1)`,
    ],
    seen: ['nobody spends more than there is'],
  },
]

const answerFaults: Fault[] = [
  {
    name: 'I3: something answered that is gone, with all its traces',
    plant: [
      `DELETE FROM ledger.idempotency_keys WHERE body->>'id' = (SELECT id::text FROM ledger.transactions
       WHERE status = 'cancelled' OR status = 'rejected' ORDER BY id LIMIT 1)`,
      `DELETE FROM ledger.transactions WHERE id = (SELECT id FROM ledger.transactions
       WHERE status = 'cancelled' OR status = 'rejected' ORDER BY id LIMIT 1)`,
    ],
    seen: [what.answered],
  },
  {
    name: 'I3: another sum than was answered',
    plant: [
      `UPDATE ledger.transactions SET amount = amount + 1 WHERE id = (SELECT id FROM ledger.transactions
       WHERE status IN ('cancelled', 'rejected') ORDER BY id LIMIT 1)`,
    ],
    seen: [what.answered],
  },
  {
    name: 'I3: something that nobody asked for',
    plant: [
      `INSERT INTO ledger.transactions (family_id, id, type, status, account_id, amount, currency, created_by,
         occurred_at, created_at)
       SELECT family_id, 'ffffffff-0000-4000-8000-000000000001', 'expense', 'rejected', account_id, 1, currency,
         created_by, now(), now() FROM ledger.transactions WHERE id = ${newest}`,
      `INSERT INTO ledger.idempotency_keys (family_id, key, fingerprint, status, body)
       SELECT family_id, 'planted', '', 201, '{"id":"ffffffff-0000-4000-8000-000000000001"}'
       FROM ledger.transactions WHERE id = ${newest}`,
    ],
    seen: [what.unknown],
  },
  {
    name: 'I5: a gap in the versions',
    plant: [`UPDATE ledger.outbox SET version = version + 1 WHERE entity_id = ${newest}::text`],
    seen: ['versions in ledger.outbox are 1..n'],
  },
  {
    name: 'I5: a gap in the versions of people',
    plant: [
      `UPDATE auth.outbox SET version = version + 1 WHERE seq = (SELECT max(o.seq) FROM auth.outbox o
       WHERE o.entity_type = 'session')`,
    ],
    seen: ['versions in auth.outbox are 1..n'],
  },
  {
    name: 'I6: one key twice',
    plant: [
      'ALTER TABLE ledger.idempotency_keys DROP CONSTRAINT idempotency_keys_pkey',
      `INSERT INTO ledger.idempotency_keys (family_id, key, fingerprint, status, body)
       SELECT family_id, key, fingerprint, 409, '{}' FROM ledger.idempotency_keys ORDER BY key LIMIT 1`,
    ],
    seen: ['one transaction for each key of a family'],
  },
  {
    name: 'I6: a transaction of two keys',
    plant: [
      `INSERT INTO ledger.idempotency_keys (family_id, key, fingerprint, status, body)
       SELECT family_id, 'planted', '', 201, body FROM ledger.idempotency_keys WHERE status = 201
         AND body->>'id' = ${newest}::text`,
    ],
    seen: [what.oneKey],
  },
]

const lifeFaults: Fault[] = [
  {
    name: 'I7: resolved twice',
    plant: [
      `INSERT INTO ledger.outbox (id, family_id, subject, entity_type, entity_id, version, payload)
       SELECT gen_random_uuid(), family_id, 'ledger.transaction.rejected.v1', entity_type, entity_id, version + 1, '{}'
       FROM ledger.outbox WHERE entity_id = ${newest}::text`,
    ],
    seen: ['what waits is resolved once'],
  },
  {
    name: 'I7: an author who approves',
    plant: [
      `UPDATE ledger.approvals a SET user_id = t.created_by FROM ledger.transactions t JOIN ledger.members m
         ON m.user_id = t.created_by AND m.role <> 'owner'
       WHERE t.id = a.transaction_id AND t.id = (SELECT x.transaction_id FROM ledger.approvals x
         JOIN ledger.transactions y ON y.id = x.transaction_id JOIN ledger.members z ON z.user_id = y.created_by
         WHERE z.role <> 'owner' ORDER BY 1 LIMIT 1)`,
    ],
    seen: ['who approves is not the author, unless they are the only owner'],
  },
  {
    name: 'I7: posted without the approval that it needed',
    plant: [
      `DELETE FROM ledger.approvals WHERE transaction_id = (SELECT transaction_id FROM ledger.approvals ORDER BY 1 LIMIT 1)`,
    ],
    seen: ['what waited was posted by as many as had to approve'],
  },
  {
    name: 'I7: a reversal that the original does not know of',
    plant: [
      `UPDATE ledger.transactions SET reversed_by = NULL WHERE id = (SELECT id FROM ledger.transactions
       WHERE status = 'reversed' ORDER BY id LIMIT 1)`,
    ],
    seen: [what.reversal],
  },
  {
    name: 'I8: a posting of another family',
    plant: [
      `UPDATE ledger.postings SET family_id = (SELECT family_id FROM ledger.postings p WHERE p.family_id <>
         (SELECT family_id FROM ledger.transactions WHERE id = ${newest}) LIMIT 1)
       WHERE transaction_id = ${newest} AND amount < 0`,
    ],
    seen: [what.families],
  },
  {
    name: 'I9: an old posting with another time',
    plant: [
      `UPDATE ledger.postings SET created_at = created_at - interval '1 second'
       WHERE seq = (SELECT min(seq) FROM ledger.postings)`,
    ],
    seen: [what.rows],
  },
  {
    name: 'I9: an old event with other content',
    plant: [`UPDATE ledger.outbox SET payload = '{}' WHERE seq = (SELECT min(seq) FROM ledger.outbox)`],
    seen: ['rows of outbox are what they were'],
  },
]

export const faults: Fault[] = [...moneyFaults, ...answerFaults, ...lifeFaults]
