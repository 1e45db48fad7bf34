import type { Tx } from '@common-purse/kit/database'

/**
 * Something in the books that does not fit. `balance`: an account's sum against the balance after its last posting.
 * `hold`: its hold against what waits. `running_balance`: postings that do not leave the balance before them and their
 * amount. `postings`: a transaction against its postings.
 */
export interface Mismatch {
  kind: 'balance' | 'hold' | 'running_balance' | 'postings'
  familyId: string
  /** The account, or the transaction of `postings`. */
  id: string
  /** Minor units, or a number of postings. */
  stored: string
  computed: string
}

type Found = Omit<Mismatch, 'familyId'>

const FIRST_ID = '00000000-0000-0000-0000-000000000000'

/** All families that have accounts, one after another. */
export async function* listFamilies(db: Tx): AsyncGenerator<string> {
  for (let after = FIRST_ID; ;) {
    const [row] = await db.query<{ id: string }>(
      'SELECT family_id AS id FROM accounts WHERE family_id > $1 ORDER BY family_id LIMIT 1',
      [after],
    )
    if (!row) return
    yield (after = row.id)
  }
}

/**
 * Compares a family's books with themselves in many short statements, each of which sees one moment: nobody is locked out
 * and no snapshot lasts, however large the family is. Changes nothing.
 */
export async function* findMismatches(db: Tx, familyId: string): AsyncGenerator<Mismatch> {
  const accounts = await db.query<{ id: string }>(
    'SELECT id FROM accounts WHERE family_id = $1 ORDER BY id',
    [familyId],
  )
  for (const { id } of accounts)
    for (const found of await ofAccount(db, familyId, id)) yield { ...found, familyId }
  let after: string | undefined = FIRST_ID
  while (after !== undefined) {
    const page: TransactionPage = await ofTransactions(db, familyId, after)
    for (const found of page.found) yield { ...found, familyId }
    after = page.last
  }
}

/** The account whose money a waiting transaction holds: the payer, where it is not the outside. */
const payer = `CASE WHEN (t.type = 'income') = (t.reverses IS NOT NULL) THEN t.account_id ELSE t.to_account_id END`

async function ofAccount(db: Tx, familyId: string, id: string): Promise<Found[]> {
  const [row] = await db.query<Record<'posted' | 'held' | 'last' | 'waiting', string>>(
    `SELECT a.posted, a.held, coalesce(p.balance_after, 0)::text AS last, w.waiting FROM accounts a
     LEFT JOIN LATERAL (
       SELECT balance_after FROM postings WHERE family_id = a.family_id AND account_id = a.id ORDER BY seq DESC LIMIT 1
     ) p ON true
     CROSS JOIN LATERAL (
       SELECT coalesce(sum(amount), 0)::text AS waiting FROM transactions t
       WHERE t.family_id = a.family_id AND t.status = 'pending_approval' AND ${payer} = a.id
     ) w
     WHERE a.family_id = $1 AND a.id = $2`,
    [familyId, id],
  )
  if (!row) return []
  const compare = (kind: Mismatch['kind'], stored: string, computed: string): Found[] =>
    stored === computed ? [] : [{ kind, id, stored, computed }]
  return [
    ...compare('balance', row.posted, row.last),
    ...compare('hold', row.held, row.waiting),
    ...compare('running_balance', '0', String(await countBroken(db, familyId, id))),
  ]
}

interface ChainPage {
  broken: number
  rows: number
  seq: string
  balance: string
}

const PAGE = 2_000

/** How many postings of an account do not leave the balance before them and their amount. Postings never change. */
async function countBroken(db: Tx, familyId: string, accountId: string): Promise<number> {
  let broken = 0
  let from: Pick<ChainPage, 'seq' | 'balance'> | undefined = { seq: '0', balance: '0' }
  while (from) {
    const [page]: ChainPage[] = await db.query<ChainPage>(
      `SELECT count(*) FILTER (WHERE balance_after <> before + amount)::int AS broken, count(*)::int AS rows,
              max(seq)::text AS seq, (array_agg(balance_after ORDER BY seq DESC))[1]::text AS balance
       FROM (
         SELECT seq, amount, balance_after, lag(balance_after, 1, $4::bigint) OVER (ORDER BY seq) AS before
         FROM postings WHERE family_id = $1 AND account_id = $2 AND seq > $3 ORDER BY seq LIMIT ${PAGE}
       ) chain`,
      [familyId, accountId, from.seq, from.balance],
    )
    broken += page?.broken ?? 0
    from = page?.rows === PAGE ? page : undefined
  }
  return broken
}

interface TransactionPage {
  found: Found[]
  /** The last one of the page; undefined when there are no more. */
  last: string | undefined
}

/** What is posted has two postings that are its amount and its opposite; what is not has none. */
async function ofTransactions(db: Tx, familyId: string, after: string): Promise<TransactionPage> {
  const rows = await db.query<{ id: string; amount: string; legs: number; fits: boolean }>(
    `SELECT t.id, t.amount, p.legs,
            CASE WHEN t.status IN ('posted', 'reversed') THEN p.legs = 2 AND p.sum = 0 AND p.largest = t.amount AND p.currency = t.currency
                 ELSE p.legs = 0 END AS fits
     FROM (SELECT * FROM transactions WHERE family_id = $1 AND id > $2 ORDER BY id LIMIT ${PAGE}) t
     CROSS JOIN LATERAL (
       SELECT count(*)::int AS legs, sum(amount) AS sum, max(amount) AS largest, min(currency) AS currency
       FROM postings WHERE family_id = t.family_id AND transaction_id = t.id
     ) p
     ORDER BY t.id`,
    [familyId, after],
  )
  return {
    found: rows
      .filter(({ fits }) => !fits)
      .map(({ id, amount, legs }) => ({
        kind: 'postings',
        id,
        stored: amount,
        computed: `${legs} postings`,
      })),
    last: rows.length === PAGE ? rows.at(-1)!.id : undefined,
  }
}
