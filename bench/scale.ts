import { randomUUID } from 'node:crypto'
import pg from 'pg'
import type { Session } from '../libs/contracts/src/index.ts'
import { type BenchHouse, clientOf, givenOwner, startBenchHouse } from './bench-house.ts'
import { holds, ms, percentile } from './numbers.ts'
import { openRawConnection, type RawAnswer } from './raw-connection.ts'
import { type Signer, signNow } from './sign-now.ts'

const SMALL = 10_000
const LARGE = 1_000_000
const ACCOUNTS = 10
const ROUNDS = 300
const RATIO_MAX = 1.2

interface BigFamily {
  size: number
  session: Session
  signer: Signer
  accounts: string[]
  /** A moment in the middle of its history. */
  middle: string
}

/** Whether what a family does every day becomes slower as its history grows. */
export async function bench(): Promise<boolean> {
  const house = await startBenchHouse(['auth', 'ledger', 'gateway'])
  try {
    const families: BigFamily[] = []
    for (const size of [SMALL, LARGE]) families.push(await givenBigFamily(house, size))
    await inDatabase(house, (client) => client.query('VACUUM ANALYZE'))
    const results: boolean[] = []
    for (const [name, request] of Object.entries(requests))
      results.push(await compare(house, name, { request, families }))
    return results.every(Boolean)
  } finally {
    await house.stop()
  }
}

interface Wanted {
  method: 'GET' | 'POST'
  target: string
  body?: object
}

type Ask = (wanted: Wanted) => Promise<RawAnswer>

/** Each gives what is asked again and again of one family. */
const requests: Record<string, (family: BigFamily, ask: Ask) => Promise<() => Wanted>> = {
  create:
    async ({ accounts }) =>
    () => ({
      method: 'POST',
      target: '/api/v1/transactions',
      body: { type: 'expense', account_id: anyOf(accounts), amount: '0.01', currency: 'EUR' },
    }),
  'first page': async () => () => ({ method: 'GET', target: '/api/v1/transactions?limit=50' }),
  'page in the middle': async ({ middle }, ask) => {
    const target = `/api/v1/transactions?limit=50&to=${encodeURIComponent(middle)}`
    const first = JSON.parse((await ask({ method: 'GET', target })).body) as { next_cursor: string }
    return () => ({ method: 'GET', target: `${target}&cursor=${encodeURIComponent(first.next_cursor)}` })
  },
  'statement of an account':
    async ({ accounts }) =>
    () => ({ method: 'GET', target: `/api/v1/accounts/${anyOf(accounts)}/entries?limit=50` }),
  balance:
    async ({ accounts }) =>
    () => ({ method: 'GET', target: `/api/v1/accounts/${anyOf(accounts)}/balance` }),
  'balance in the past':
    async ({ accounts, middle }) =>
    () => ({
      method: 'GET',
      target: `/api/v1/accounts/${anyOf(accounts)}/balance?at=${encodeURIComponent(middle)}`,
    }),
}

const anyOf = (ids: string[]) => ids[Math.floor(Math.random() * ids.length)]!

/** One request at a time, in turn of the small and of the large family. */
async function compare(
  house: BenchHouse,
  name: string,
  { request, families }: { request: (typeof requests)[string]; families: BigFamily[] },
): Promise<boolean> {
  const connection = await openRawConnection(house.gatewayUrl)
  const ask = (family: BigFamily) => (wanted: Wanted) => {
    const body = wanted.body ? JSON.stringify(wanted.body) : ''
    const headers = signNow(family.signer, { ...wanted, body }, wanted.body ? randomUUID() : undefined)
    return connection.send(wanted.method, wanted.target, headers, body)
  }
  const sides = []
  for (const family of families)
    sides.push({ next: await request(family, ask(family)), ask: ask(family), times: [] as number[] })
  for (let round = 0; round < ROUNDS; round++)
    for (const side of sides) {
      const startedAt = performance.now()
      const { status, body } = await side.ask(side.next())
      side.times.push(performance.now() - startedAt)
      if (status >= 300) throw new Error(`${name}: ${status} ${body}`)
    }
  connection.close()
  const [small, large] = sides.map(({ times }) => percentile(times, 0.5)) as [number, number]
  console.log(`${name}: p50 ${ms(small)} with ${SMALL} transactions, ${ms(large)} with ${LARGE}`)
  return holds(name, large / small, '<=', RATIO_MAX)
}

async function givenBigFamily(house: BenchHouse, size: number): Promise<BigFamily> {
  const session = await givenOwner(house, `owner-of-${size}`)
  const client = clientOf(house, session)
  const accounts: string[] = []
  for (let n = 0; n < ACCOUNTS; n++) {
    const body = {
      name: `Account ${n}`,
      kind: 'bank' as const,
      currency: 'EUR' as const,
      opening_balance: '1000.00',
    }
    accounts.push((await client.call('openAccount', { body })).id)
  }
  await inDatabase(house, (database) => fill(database, { session, accounts, size }))
  const { key_id: keyId, secret } = session.signing_key
  return {
    size,
    session,
    accounts,
    signer: { token: session.access_token, keyId, secret: Buffer.from(secret, 'base64url') },
    middle: new Date(Date.now() - (size / 2) * STEP_SECONDS * 1000).toISOString(),
  }
}

const STEP_SECONDS = 60

/** A past of one income a minute, in turn to each account, with postings and balances as if the service had written it. */
async function fill(
  database: pg.Client,
  { session, accounts, size }: { session: Session; accounts: string[]; size: number },
): Promise<void> {
  const { family, user } = session
  // The foreign keys and the sum of each transaction hold by how the rows are made.
  await database.query('SET session_replication_role = replica')
  await database.query(
    `CREATE TEMP TABLE filler AS
     SELECT n, at, ($3::uuid[])[1 + n % ${ACCOUNTS}] AS account, (n + ${ACCOUNTS - 1} - (n + ${ACCOUNTS - 1}) % ${ACCOUNTS}) / ${ACCOUNTS} AS nth,
       (lpad(to_hex((extract(epoch FROM at) * 1000)::bigint), 12, '0') || '7' || substr(hash, 1, 3) || '8' || substr(hash, 4, 15))::uuid AS id
     FROM (SELECT n, date_trunc('milliseconds', now() - make_interval(secs => ($2::bigint - n + 1) * ${STEP_SECONDS})) AS at,
             md5($1::text || n) AS hash
           FROM generate_series(1, $2::bigint) n) numbers`,
    [family.id, size, accounts],
  )
  await database.query(
    `INSERT INTO ledger.transactions (family_id, id, type, status, account_id, amount, currency, description, created_by, occurred_at, created_at)
     SELECT $1, id, 'income', 'posted', account, 1, 'EUR', 'bench', $2, at, at FROM filler ORDER BY n`,
    [family.id, user.id],
  )
  await database.query(
    `INSERT INTO ledger.postings (family_id, transaction_id, account_id, amount, currency, created_at, balance_after)
     SELECT $1, f.id, leg.account, leg.amount, 'EUR', f.at, leg.balance_after
     FROM filler f
     JOIN ledger.accounts outside ON outside.family_id = $1 AND outside.kind = 'outside' AND outside.currency = 'EUR'
     CROSS JOIN LATERAL (VALUES (outside.id, -1::bigint, -f.n), (f.account, 1, 100000 + f.nth)) AS leg (account, amount, balance_after)
     ORDER BY f.n`,
    [family.id],
  )
  await database.query(
    `UPDATE ledger.accounts a SET posted = posted + sums.sum
     FROM (SELECT account, count(*) AS sum FROM filler GROUP BY account
           UNION ALL SELECT id, -$2::bigint FROM ledger.accounts WHERE family_id = $1 AND kind = 'outside') sums
     WHERE a.family_id = $1 AND a.id = sums.account`,
    [family.id, size],
  )
}

async function inDatabase<Result>(
  house: BenchHouse,
  work: (client: pg.Client) => Promise<Result>,
): Promise<Result> {
  const client = new pg.Client({ connectionString: house.adminUrl })
  await client.connect()
  return await work(client).finally(() => client.end())
}
