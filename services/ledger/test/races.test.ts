import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import pg from 'pg'
import { ApiError } from '../../../libs/client/src/index.ts'
import { createLogger } from '../../../libs/kit/src/logger.ts'
import { createClient } from '../../../libs/client/src/index.ts'
import type { ApiClient } from '../../../libs/client/src/index.ts'
import type { Role, Transaction } from '../../../libs/contracts/src/index.ts'
import { eventually } from '../../../tests/support/eventually.ts'
import { type Family, givenAccount, givenFamily, type Person } from '../../../tests/support/given.ts'
import { type House, startHouse } from '../../../tests/support/house.ts'
import { loadConfig } from '../src/config.ts'
import { type RunningLedger, startLedger } from '../src/start.ts'

/* Two replicas of the ledger on one database: whatever races, one wins, nobody sees a deadlock, the books add up. */

let house: House
let second: RunningLedger
let sql: pg.Client

beforeAll(async () => {
  house = await startHouse({ services: ['auth', 'ledger'], env: { APPROVAL_EXPIRY_SECONDS: '2' } })
  const env = {
    ...house.env,
    DATABASE_URL: house.database.urlOf('ledger'),
    JWKS_URL: `${house.urls.auth}/.well-known/jwks.json`,
  }
  second = await startLedger(loadConfig(env), createLogger('ledger', 'fatal'))
  sql = new pg.Client({ connectionString: house.database.adminUrl })
  await sql.connect()
}, 30_000)
afterAll(async () => {
  await sql.end()
  await second.stop()
  await house.stop()
})

type Settled = PromiseSettledResult<Transaction>

/** The same person at each of the two replicas. */
const replicasOf = (person: Person): ApiClient[] => [
  person.ledger,
  createClient({
    baseUrl: second.url,
    credentials: () => ({ accessToken: person.session.access_token, signingKey: person.session.signing_key }),
  }),
]

interface Spending {
  account: string
  amount: string
  key?: string
  more?: object
}

const spend = (at: ApiClient, { account, amount, key = randomUUID(), more = {} }: Spending) =>
  at.call('submitTransaction', {
    body: { type: 'expense', account_id: account, amount, currency: 'EUR', ...more },
    idempotencyKey: key,
  })

/** Does it `count` times at once, in turn at the one and the other replica. */
const atOnce = (person: Person, count: number, work: (at: ApiClient, n: number) => Promise<Transaction>) => {
  const replicas = replicasOf(person)
  return Promise.allSettled(Array.from({ length: count }, (_, n) => work(replicas[n % 2]!, n)))
}

const codeOf = (error: unknown): string => (error instanceof ApiError ? error.problem.code : String(error))

/** How often each outcome came: a status of a transaction, or a problem's code. */
function tally(results: Settled[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const result of results) {
    const name = result.status === 'fulfilled' ? result.value.status : codeOf(result.reason)
    counts[name] = (counts[name] ?? 0) + 1
  }
  return counts
}

const familyKnown = async (roles: Role[] = []): Promise<Family> => {
  const family = await givenFamily(house, roles)
  const count = () =>
    sql
      .query<{ n: number }>('SELECT count(*)::int AS n FROM ledger.members WHERE family_id = $1', [family.id])
      .then(({ rows }) => rows[0]!.n)
  await eventually(count, (n) => n === 1 + roles.length)
  return family
}

const balanceOf = (person: Person, id: string) => person.ledger.call('getBalance', { params: { id } })

const actionsOf = async (id: string | null) => {
  const { rows } = await sql.query<{ subject: string }>(
    'SELECT subject FROM ledger.outbox WHERE entity_id = $1 ORDER BY version',
    [id],
  )
  return rows.map(({ subject }) => subject.replace(/^ledger\.transaction\.|\.v1$/g, ''))
}

/** What holds in a family at any time. */
async function sound(familyId: string): Promise<void> {
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
    expect({ fault, rows: (await sql.query(query, [familyId])).rows }).toEqual({ fault, rows: [] })
}

describe('two replicas', () => {
  test('fifty spendings of 100 from 1,000: exactly ten succeed', async () => {
    const { id, owner } = await givenFamily(house)
    const account = await givenAccount(owner)
    expect(tally(await atOnce(owner, 50, (at) => spend(at, { account: account.id, amount: '100' })))).toEqual(
      {
        posted: 10,
        insufficient_funds: 40,
      },
    )
    expect(await balanceOf(owner, account.id)).toMatchObject({ posted: '0.00' })
    await sound(id)
  })

  test('the same key twenty times: one transaction, the others are its repeats or told to wait', async () => {
    const { id, owner } = await givenFamily(house)
    const account = await givenAccount(owner)
    const key = randomUUID()
    const results = await atOnce(owner, 20, (at) => spend(at, { account: account.id, amount: '7', key }))
    const { posted, request_in_progress = 0, ...others } = tally(results)
    expect(others).toEqual({})
    expect(posted! + request_in_progress).toBe(20)
    expect(new Set(results.flatMap((r) => (r.status === 'fulfilled' ? [r.value.id] : []))).size).toBe(1)
    expect(await balanceOf(owner, account.id)).toMatchObject({ posted: '993.00' })
    await sound(id)
  })

  test('opposite transfers, spendings and reversals: nobody sees a deadlock', async () => {
    const { id, owner } = await givenFamily(house)
    const [a, b] = [await givenAccount(owner), await givenAccount(owner)]
    const first = await Promise.all(
      Array.from({ length: 20 }, () => spend(owner.ledger, { account: a.id, amount: '1' })),
    )
    const transfer = (from: string, to: string) => ({ type: 'transfer', account_id: from, to_account_id: to })
    const results = await atOnce(owner, 160, (at, n) => {
      if (n % 8 === 0)
        return at.call('reverseTransaction', { params: { id: first[n / 8]!.id! }, body: { reason: 'race' } })
      if (n % 8 === 1) return spend(at, { account: n % 16 === 1 ? a.id : b.id, amount: '0.01' })
      return spend(at, {
        account: a.id,
        amount: '1',
        more: n % 4 < 2 ? transfer(a.id, b.id) : transfer(b.id, a.id),
      })
    })
    expect(tally(results)).toEqual({ posted: 160 })
    await sound(id)
  })

  test('a threshold lets no more than its sum through', async () => {
    const { id, owner, people } = await familyKnown(['member'])
    const account = await givenAccount(owner)
    const results = await atOnce(people['member']!, 12, (at) =>
      spend(at, { account: account.id, amount: '20' }),
    )
    expect(tally(results)).toEqual({ posted: 5, pending_approval: 7 })
    await sound(id)
  })
})

type Way = 'approve' | 'reject' | 'cancel'

const resolve = (at: ApiClient, id: string, how: Way) => {
  const params = { id }
  if (how === 'approve') return at.call('approveTransaction', { params, body: {} })
  if (how === 'reject') return at.call('rejectTransaction', { params, body: { reason: 'race' } })
  return at.call('cancelTransaction', { params, body: {} })
}

const ends: Record<Way, string[]> = {
  approve: ['approved', 'posted'],
  reject: ['rejected'],
  cancel: ['cancelled'],
}

describe('what waits is resolved once', () => {
  test.each<[Way, Way]>([
    ['approve', 'approve'],
    ['approve', 'reject'],
    ['approve', 'cancel'],
    ['reject', 'cancel'],
  ])('%s against %s', async (one, other) => {
    const { id: family, owner, people } = await familyKnown(['adult', 'child'])
    const account = await givenAccount(owner)
    const child = people['child']!
    const { id } = await spend(child.ledger, { account: account.id, amount: '50' })
    const by = (how: Way, person: Person) => (how === 'cancel' ? child : person)
    const results = await Promise.allSettled(
      [one, other, one, other].map((how, n) => {
        const person = by(how, n % 2 === 0 ? owner : people['adult']!)
        return resolve(replicasOf(person)[n % 2]!, id!, how)
      }),
    )
    const { already_resolved, ...won } = tally(results)
    expect(already_resolved).toBe(3)
    expect(Object.values(won)).toEqual([1])
    const actions = await actionsOf(id)
    expect([ends[one], ends[other]]).toContainEqual(actions.slice(1))
    const posted = actions.includes('posted') ? '950.00' : '1000.00'
    expect(await balanceOf(owner, account.id)).toMatchObject({ posted, pending: '0.00' })
    await sound(family)
  })

  test('approve against its expiry', async () => {
    const { id: family, owner, people } = await familyKnown(['child'])
    const account = await givenAccount(owner)
    const waiting = await Promise.all(
      Array.from({ length: 10 }, () => spend(people['child']!.ledger, { account: account.id, amount: '5' })),
    )
    const due = new Date(waiting[0]!.approval!.expires_at).getTime()
    await eventually(
      async () => Date.now(),
      (time) => time >= due - 30,
    )
    const results = await Promise.allSettled(
      waiting.map(({ id }, n) => resolve(replicasOf(owner)[n % 2]!, id!, 'approve')),
    )
    const { posted = 0, already_resolved = 0 } = tally(results)
    expect(posted + already_resolved).toBe(10)
    const statuses = () =>
      sql
        .query<{ status: string }>('SELECT status FROM ledger.transactions WHERE id = ANY($1)', [
          waiting.map(({ id }) => id),
        ])
        .then(({ rows }) => rows.map(({ status }) => status))
    await eventually(statuses, (all) => !all.includes('pending_approval'), 15_000)
    expect((await statuses()).filter((status) => status === 'posted')).toHaveLength(posted)
    expect(await balanceOf(owner, account.id)).toMatchObject({
      posted: `${1000 - 5 * posted}.00`,
      pending: '0.00',
    })
    await sound(family)
  }, 30_000)

  test('reverse against reverse', async () => {
    const { id: family, owner } = await givenFamily(house)
    const account = await givenAccount(owner)
    const { id } = await spend(owner.ledger, { account: account.id, amount: '10' })
    const results = await atOnce(owner, 10, (at) =>
      at.call('reverseTransaction', {
        params: { id: id! },
        body: { reason: 'race' },
        idempotencyKey: randomUUID(),
      }),
    )
    expect(tally(results)).toEqual({ posted: 1, already_reversed: 9 })
    expect(await actionsOf(id)).toEqual(['posted', 'reversed'])
    expect(await balanceOf(owner, account.id)).toMatchObject({ posted: '1000.00' })
    await sound(family)
  })
})

describe('a change of the rules while money moves', () => {
  test('after an account is closed nothing moves on it', async () => {
    const { id, owner } = await givenFamily(house)
    const account = await givenAccount(owner)
    const [closed, results] = await Promise.all([
      owner.ledger.call('closeAccount', { params: { id: account.id }, body: {} }),
      atOnce(owner, 30, (at) => spend(at, { account: account.id, amount: '1' })),
    ])
    const { posted = 0, account_closed = 0, ...others } = tally(results)
    expect(others).toEqual({})
    expect(posted + account_closed).toBe(30)
    // The answer of closing shows the balance that it was closed with: whatever moved, moved before.
    expect(closed.balance.posted).toBe(`${1000 - posted}.00`)
    expect(await balanceOf(owner, account.id)).toMatchObject({ posted: `${1000 - posted}.00` })
    expect(tally(await atOnce(owner, 2, (at) => spend(at, { account: account.id, amount: '1' })))).toEqual({
      account_closed: 2,
    })
    await sound(id)
  })

  test('after a policy is changed it holds at both replicas', async () => {
    const { id, owner } = await familyKnown(['adult'])
    const account = await givenAccount(owner)
    await atOnce(owner, 4, (at) => spend(at, { account: account.id, amount: '1' })) // both know the family's policy by now
    const [, results] = await Promise.all([
      owner.ledger.call('putApprovalPolicy', {
        body: {
          thresholds: [{ role: 'owner', account_id: null, currency: null, amount: '5' }],
          window_seconds: 0,
        },
      }),
      atOnce(owner, 20, (at) => spend(at, { account: account.id, amount: '6' })),
    ])
    const { posted = 0, pending_approval = 0 } = tally(results)
    expect(posted + pending_approval).toBe(20)
    expect(tally(await atOnce(owner, 6, (at) => spend(at, { account: account.id, amount: '6' })))).toEqual({
      pending_approval: 6,
    })
    await sound(id)
  })
})
