/*
 * What is always true of the ledger, as SQL over its tables alone. Each query answers the ids of what breaks it, so none
 * of the code that moves money is trusted with checking it.
 */

export type InvariantName =
  'I1' | 'I2' | 'I3' | 'I4' | 'I5' | 'I6' | 'I7' | 'I8' | 'I9' | 'I10' | 'I11' | 'I12'

export interface Invariant {
  name: InvariantName
  what: string
  sql: string
}

/** The account whose money a waiting transaction holds, if any: the payer, where it is not the outside. */
const payer = `CASE WHEN (t.type = 'income') = (t.reverses IS NOT NULL) THEN t.account_id ELSE t.to_account_id END`

const versionsOf = (service: 'auth' | 'ledger'): Invariant => ({
  name: 'I5',
  what: `versions in ${service}.outbox are 1..n`,
  sql: `SELECT entity_type || ' ' || entity_id AS id FROM ${service}.outbox GROUP BY entity_type, entity_id
        HAVING min(version) <> 1 OR max(version) <> count(*)`,
})

const moneyInvariants: Invariant[] = [
  {
    name: 'I1',
    what: 'the postings of a transaction sum to zero in each currency',
    sql: `SELECT transaction_id::text AS id FROM ledger.postings GROUP BY transaction_id, currency HAVING sum(amount) <> 0`,
  },
  {
    name: 'I1',
    what: 'all postings together sum to zero in each currency',
    sql: `SELECT currency::text AS id FROM ledger.postings GROUP BY currency HAVING sum(amount) <> 0`,
  },
  {
    name: 'I1',
    what: 'what was posted has two postings of its amount, and nothing else has any',
    sql: `SELECT t.id::text AS id FROM ledger.transactions t LEFT JOIN ledger.postings p ON p.transaction_id = t.id
          GROUP BY t.id, t.status, t.amount
          HAVING CASE WHEN t.status IN ('posted', 'reversed')
            THEN count(p.amount) <> 2 OR max(p.amount) <> t.amount ELSE count(p.amount) <> 0 END`,
  },
  {
    name: 'I1',
    what: 'postings are in the currency of their transaction and of their account',
    sql: `SELECT DISTINCT p.transaction_id::text AS id FROM ledger.postings p
          JOIN ledger.transactions t ON t.id = p.transaction_id JOIN ledger.accounts a ON a.id = p.account_id
          WHERE p.currency <> t.currency OR p.currency <> a.currency`,
  },
  {
    name: 'I2',
    what: 'a balance is the sum of its postings',
    sql: `SELECT a.id::text AS id FROM ledger.accounts a LEFT JOIN ledger.postings p ON p.account_id = a.id
          GROUP BY a.id, a.posted HAVING a.posted <> coalesce(sum(p.amount), 0)`,
  },
  {
    name: 'I2',
    what: 'a hold is the sum of what waits',
    sql: `SELECT a.id::text AS id FROM ledger.accounts a
          LEFT JOIN ledger.transactions t ON t.status = 'pending_approval' AND ${payer} = a.id
          GROUP BY a.id, a.held HAVING a.held <> coalesce(sum(t.amount), 0)`,
  },
  {
    name: 'I2',
    what: 'each posting knows the balance that it left',
    sql: `SELECT DISTINCT id FROM (SELECT account_id::text AS id, balance_after,
            sum(amount) OVER (PARTITION BY account_id ORDER BY seq) AS sum FROM ledger.postings) p
          WHERE balance_after <> sum`,
  },
  {
    name: 'I2',
    what: 'nobody spends more than there is',
    sql: `SELECT id::text AS id FROM ledger.accounts
          WHERE owner_id IS NOT NULL AND posted - held + overdraft_limit < 0`,
  },
]

const lifeInvariants: Invariant[] = [
  {
    name: 'I6',
    what: 'one transaction for each key of a family',
    sql: `SELECT key AS id FROM ledger.idempotency_keys GROUP BY family_id, key HAVING count(*) > 1`,
  },
  {
    name: 'I6',
    what: 'each transaction came by one key',
    sql: `SELECT t.id::text AS id FROM ledger.transactions t
          LEFT JOIN ledger.idempotency_keys k ON k.status = 201 AND k.body->>'id' = t.id::text
          WHERE t.type <> 'opening' GROUP BY t.id HAVING count(k.key) <> 1`,
  },
  {
    name: 'I7',
    what: 'what waits is resolved once',
    sql: `SELECT entity_id AS id FROM ledger.outbox
          WHERE subject ~ '^ledger\\.transaction\\.(posted|rejected|cancelled|expired)\\.v1$'
          GROUP BY entity_id HAVING count(*) > 1`,
  },
  {
    name: 'I7',
    what: 'who approves is not the author, unless they are the only owner',
    sql: `SELECT t.id::text AS id FROM ledger.approvals a
          JOIN ledger.transactions t ON t.id = a.transaction_id AND t.created_by = a.user_id
          WHERE (SELECT array_agg(m.user_id) FROM ledger.members m
                 WHERE m.family_id = t.family_id AND m.role = 'owner' AND NOT m.removed)
                IS DISTINCT FROM ARRAY[a.user_id]`,
  },
  {
    name: 'I7',
    what: 'what waited was posted by as many as had to approve',
    sql: `SELECT t.id::text AS id FROM ledger.transactions t
          LEFT JOIN ledger.approvals a ON a.transaction_id = t.id WHERE t.status IN ('posted', 'reversed')
          GROUP BY t.id, t.required_approvals HAVING count(a.user_id) < t.required_approvals`,
  },
  {
    name: 'I7',
    what: 'at most one reversal, and both sides know of it',
    sql: `SELECT t.id::text AS id FROM ledger.transactions t
          LEFT JOIN ledger.transactions r ON r.reverses = t.id AND r.status IN ('posted', 'reversed')
          GROUP BY t.id, t.status, t.reversed_by
          HAVING count(r.id) > 1 OR (t.status = 'reversed') <> (count(r.id) = 1)
            OR t.reversed_by IS DISTINCT FROM (array_agg(r.id))[1]`,
  },
  {
    name: 'I8',
    what: 'no posting joins two families',
    sql: `SELECT p.transaction_id::text AS id FROM ledger.postings p
          LEFT JOIN ledger.accounts a ON a.id = p.account_id LEFT JOIN ledger.transactions t ON t.id = p.transaction_id
          WHERE a.family_id IS DISTINCT FROM p.family_id OR t.family_id IS DISTINCT FROM p.family_id`,
  },
  {
    name: 'I8',
    what: 'no transaction names an account of another family',
    sql: `SELECT t.id::text AS id FROM ledger.transactions t JOIN ledger.accounts a ON a.id IN (t.account_id, t.to_account_id)
          WHERE a.family_id <> t.family_id`,
  },
]

export const invariants: Invariant[] = [
  ...moneyInvariants,
  versionsOf('auth'),
  versionsOf('ledger'),
  ...lifeInvariants,
]
