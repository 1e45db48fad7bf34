import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import pg from 'pg'
import { createLogger } from '../../../libs/kit/src/logger.ts'
import { inTransaction } from '../../../libs/kit/src/database.ts'
import {
  Problem,
  type Role,
  type SubmitTransaction,
  type Transaction,
} from '../../../libs/contracts/src/index.ts'
import { cloneDatabase, type TestDatabase } from '../../../tests/support/test-database.ts'
import type { FamilyPolicy, Threshold } from '../src/policy/policy.ts'
import { lockPolicy, policyFinder, savePolicy } from '../src/policy/policy-store.ts'
import { submitTransaction } from '../src/transactions/submit-transaction.ts'
import { createWritePath } from '../src/write-path/write-path.ts'

/*
 * The short way in SQL against the use-case: both are given the same state and the same commands, one by one, each in a
 * family of its own, and have to leave the same behind.
 */

let database: TestDatabase
let admin: pg.Pool
let pool: pg.Pool
const outcomes: string[] = []
const now = () => new Date('2026-05-01T12:00:00.000Z')
const clock = { now, newId: randomUUID }
const defaults = {
  inherited: (['owner', 'adult', 'member', 'child'] as const).map((role, index): Threshold => {
    return { role, accountId: null, currency: null, amount: [null, '1000', '100', '0'][index]! }
  }),
  windowSeconds: 86_400,
  quorum: 1,
  expirySeconds: 3600,
}
const findPolicy = policyFinder(defaults)

beforeAll(async () => {
  database = await cloneDatabase()
  admin = new pg.Pool({ connectionString: database.adminUrl, options: '-c search_path=ledger', max: 4 })
  pool = new pg.Pool({ connectionString: database.urlOf('ledger'), max: 4 })
})
afterAll(async () => {
  await Promise.all([admin.end(), pool.end()])
  await database.drop()
})

const roles: Role[] = ['owner', 'adult', 'member', 'child']
const people = ['11111111-1111-4111-8111-111111111111', '22222222-2222-4222-8222-222222222222']

interface State {
  accounts: {
    owner: number
    visibility: 'family' | 'shared' | 'private'
    shared: boolean
    status: 'open' | 'closed'
    currency: 'EUR' | 'JPY'
    posted: number
    held: number
    overdraft: number
  }[]
  archived: boolean
  thresholds: { role: Role; amount: string | null; of: 'role' | 'account' | 'currency' }[]
  windowSeconds: number
}

interface Step {
  person: number
  role: Role
  type: 'expense' | 'income' | 'transfer'
  from: number
  to: number
  amount: number
  currency: 'EUR' | 'JPY'
  category: boolean
  description: string | null
  later: number | null
}

/** Mostly the usual, so that steps get far, and each unusual thing often enough. */
const mostly = <T, U>(usual: T, ...unusual: U[]) =>
  fc.oneof(
    { weight: 6, arbitrary: fc.constant(usual) },
    { weight: 1, arbitrary: fc.constantFrom(...unusual) },
  )

const account = fc.record({
  owner: fc.nat(1),
  visibility: mostly('family', 'shared', 'private'),
  shared: fc.boolean(),
  status: mostly('open', 'closed'),
  currency: mostly('EUR', 'JPY'),
  posted: fc.oneof(fc.integer({ min: 0, max: 200_000 }), fc.constant(99_999_999_999_999_99)),
  held: fc.constantFrom(0, 0, 500),
  overdraft: fc.constantFrom(0, 0, 10_000),
}) as fc.Arbitrary<State['accounts'][number]>

const state: fc.Arbitrary<State> = fc.record({
  accounts: fc.array(account, { minLength: 2, maxLength: 4 }),
  archived: mostly(false, true),
  thresholds: fc.uniqueArray(
    fc.record({
      role: fc.constantFrom(...roles),
      amount: fc.constantFrom('0', '50', '500', null),
      of: fc.constantFrom('role', 'account', 'currency'),
    }),
    { maxLength: 4, selector: ({ role, of }) => `${role} ${of}` },
  ),
  windowSeconds: fc.constantFrom(0, 86_400),
})

const step: fc.Arbitrary<Step> = fc.record({
  person: fc.nat(1),
  role: mostly('owner', ...roles),
  type: fc.constantFrom('expense', 'income', 'transfer'),
  from: fc.nat(3),
  to: fc.nat(3),
  amount: fc.integer({ min: 1, max: 60_000 }),
  currency: mostly('EUR', 'JPY'),
  category: fc.boolean(),
  description: fc.option(fc.constantFrom('coffee', 'чай "с лимоном"', '\\ \u2028 🙂')),
  later: mostly(null, -86_400_000, 3_600_000, 90_000_000),
})

/** Ids that are the same in both families, so that what is left behind can be compared. */
const idOf = (kind: number, n: number) => `${kind}0000000-0000-4000-8000-${String(n).padStart(12, '0')}`
const CATEGORY = idOf(9, 1)

async function givenState({ accounts, archived, thresholds, windowSeconds }: State): Promise<string> {
  const family = randomUUID()
  await admin.query(
    `INSERT INTO categories (family_id, id, name, archived, created_by, created_at) VALUES ($1, $2, 'Food', $3, $4, now())`,
    [family, CATEGORY, archived, people[0]],
  )
  for (const [n, currency] of ['EUR', 'JPY'].entries())
    await admin.query(
      `INSERT INTO accounts (family_id, id, name, kind, currency, category_id)
       VALUES ($1, $2, 'Outside world', 'outside', $3, NULL), ($1, $4, 'Category', 'category', $3, $5)`,
      [family, idOf(7, n), currency, idOf(8, n), CATEGORY],
    )
  for (const [n, one] of accounts.entries())
    await admin.query(
      `INSERT INTO accounts (family_id, id, name, kind, currency, visibility, shared_with, owner_id, status, overdraft_limit, posted, held)
       VALUES ($1, $2, 'Wallet', 'cash', $3, $4, $5::uuid[], $6, $7, $8, $9, $10)`,
      [
        family,
        idOf(1, n),
        one.currency,
        one.visibility,
        one.visibility === 'shared' && one.shared ? [people[1 - one.owner]] : [],
        people[one.owner],
        one.status,
        one.overdraft,
        one.posted,
        one.held,
      ],
    )
  if (thresholds.length > 0) await givenPolicy(family, { thresholds, windowSeconds }, 1)
  return family
}

const givenPolicy = (
  family: string,
  { thresholds, windowSeconds }: Pick<State, 'thresholds' | 'windowSeconds'>,
  version: number,
) =>
  inTransaction(pool, async (tx) => {
    await lockPolicy(tx, family)
    const policy: FamilyPolicy = {
      ...defaults,
      windowSeconds,
      inherited: [],
      version,
      thresholds: thresholds.map(({ role, amount, of }) => ({
        role,
        amount,
        accountId: of === 'account' ? idOf(1, 0) : null,
        currency: of === 'currency' ? 'EUR' : null,
      })),
      updatedAt: now(),
      updatedBy: people[0]!,
    }
    await savePolicy(tx, family, policy)
  })

const commandOf = (one: Step): SubmitTransaction => ({
  type: one.type,
  account_id: idOf(1, one.from),
  to_account_id: one.type === 'transfer' ? idOf(1, one.to) : undefined,
  amount: one.currency === 'EUR' ? (one.amount / 100).toFixed(2) : String(one.amount),
  currency: one.currency,
  category_id: one.category && one.type !== 'transfer' ? CATEGORY : undefined,
  description: one.description,
  occurred_at: one.later === null ? undefined : new Date(now().getTime() + one.later).toISOString(),
})

const submissionOf = (family: string, one: Step, key: string) => ({
  caller: {
    userId: people[one.person]!,
    sessionId: idOf(5, one.person),
    familyId: family,
    role: one.role,
    client: 'api' as const,
    memberVersion: 1,
    issuedAt: 0,
  },
  context: { requestId: 'request', traceparent: undefined, ip: '127.0.0.1' } as never,
  command: commandOf(one),
  idempotency: { familyId: family, key, fingerprint: 'f' },
})

/** What somebody would see of an answer, without the ids and the family that differ by nature. */
const plain = (value: unknown, ids: [string, string][]) =>
  ids.reduce((text, [id, name]) => text.replaceAll(id, name), JSON.stringify(value))

/** Everything that a family has in the books. */
async function booksOf(family: string, names: [string, string][]): Promise<unknown> {
  const tables = {
    accounts: 'SELECT id, posted, held, version FROM accounts WHERE family_id = $1 ORDER BY id',
    transactions: `SELECT * FROM transactions WHERE family_id = $1 ORDER BY description, amount, id`,
    postings: `SELECT transaction_id, account_id, amount, balance_after, currency, created_at FROM postings
               WHERE family_id = $1 ORDER BY account_id, seq`,
    events: `SELECT subject, entity_type, entity_id, version, payload - 'id' AS payload FROM outbox
             WHERE family_id = $1 ORDER BY seq`,
    keys: `SELECT key, status, body::text FROM idempotency_keys WHERE family_id = $1 ORDER BY key`,
  }
  const found: Record<string, unknown> = {}
  for (const [name, sql] of Object.entries(tables)) found[name] = (await admin.query(sql, [family])).rows
  return JSON.parse(plain(found, [[family, 'FAMILY'], ...names]))
}

const openShortWay = (count: (outcome: string) => void) =>
  createWritePath({ ...clock, pool, findPolicy, count, logger: createLogger('test', 'silent') })

async function onTheShortWay(
  family: string,
  one: Step,
  key: string,
): Promise<{ outcome: string; answer: Transaction | undefined }> {
  let outcome = ''
  const count = (what: string) => void (outcome = what)
  const post = openShortWay(count)
  const answer = await post(submissionOf(family, one, key))
  outcomes.push(outcome)
  return { outcome, answer }
}

/** The use-case with the key's record as the service stores it; a refusal is its code. */
async function byTheUseCase(family: string, one: Step, key: string): Promise<Transaction | string> {
  const { caller, context, command } = submissionOf(family, one, key)
  const submit = submitTransaction({ ...clock, findPolicy })
  try {
    return await inTransaction(pool, async (tx) => {
      const answer = await submit(tx, caller, context, command)
      await tx.query(
        `INSERT INTO idempotency_keys (family_id, key, fingerprint, status, body) VALUES ($1, $2, 'f', 201, $3::json)`,
        [family, key, JSON.stringify(answer)],
      )
      return answer
    })
  } catch (error) {
    if (error instanceof Problem) return error.code
    throw error
  }
}

describe('the short way', () => {
  test('leaves behind what the use-case does, or nothing', async () => {
    await fc.assert(
      fc.asyncProperty(state, fc.array(step, { minLength: 1, maxLength: 6 }), async (given, steps) => {
        const [short, long] = [await givenState(given), await givenState(given)]
        const shortNames: [string, string][] = []
        const longNames: [string, string][] = []
        for (const [index, raw] of steps.entries()) {
          const one = { ...raw, from: raw.from % given.accounts.length, to: raw.to % given.accounts.length }
          if (one.type === 'transfer' && one.from === one.to) continue
          const before = await booksOf(short, [])
          const { outcome, answer } = await onTheShortWay(short, one, `key${index}`)
          const expected = await byTheUseCase(long, one, `key${index}`)
          if (answer === undefined) {
            expect(outcome).not.toBe('error')
            // Nothing of it is written; then the use-case goes on in both families.
            expect(await booksOf(short, [])).toEqual(before)
            // What could have been posted at once has to be.
            if (typeof expected !== 'string') expect(expected.status).toBe('pending_approval')
            const same = await byTheUseCase(short, one, `key${index}`)
            if (typeof same !== 'string') shortNames.push([same.id!, `T${index}`])
          } else shortNames.push([answer.id!, `T${index}`])
          if (typeof expected !== 'string') longNames.push([expected.id!, `T${index}`])
          if (answer !== undefined)
            expect(plain(answer, [[short, 'FAMILY'], ...shortNames])).toBe(
              plain(expected, [[long, 'FAMILY'], ...longNames]),
            )
        }
        expect(await booksOf(short, shortNames)).toEqual(await booksOf(long, longNames))
      }),
      { numRuns: 60 },
    )
    expect(outcomes.filter((outcome) => outcome === 'posted').length).toBeGreaterThan(20)
  }, 60_000)

  const wallet = (posted: number): State['accounts'][number] => ({
    owner: 0,
    visibility: 'family',
    shared: false,
    status: 'open',
    currency: 'EUR',
    posted,
    held: 0,
    overdraft: 0,
  })
  const spending = (amount: number, role: Role = 'owner'): Step => ({
    person: 0,
    role,
    type: 'expense',
    from: 0,
    to: 0,
    amount,
    currency: 'EUR',
    category: false,
    description: null,
    later: null,
  })
  const givenWallet = (posted: number) =>
    givenState({ accounts: [wallet(posted)], archived: false, thresholds: [], windowSeconds: 0 })
  const balanceOf = async (family: string) =>
    (
      await admin.query<{ posted: string }>('SELECT posted FROM accounts WHERE family_id = $1 AND id = $2', [
        family,
        idOf(1, 0),
      ])
    ).rows[0]!.posted

  test('of many at once each sees what those before it left, and who asks for too much disturbs nobody', async () => {
    const [family, other] = [await givenWallet(1_000), await givenWallet(1_000)]
    const counted: string[] = []
    const post = openShortWay((outcome) => counted.push(outcome))
    const amounts = [100, 300, 900, 400, 300, 200]
    const answers = await Promise.all([
      ...amounts.map((amount, n) => post(submissionOf(family, spending(amount), `key${n}`))),
      post(submissionOf(other, spending(700), 'key0')),
    ])
    expect(answers.map((answer) => answer?.balances_after?.[0]?.posted)).toEqual([
      '9.00',
      '6.00',
      undefined,
      '2.00',
      undefined,
      '0.00',
      '3.00',
    ])
    expect(counted.toSorted()).toEqual(['funds', 'funds', 'posted', 'posted', 'posted', 'posted', 'posted'])
    expect(await balanceOf(family)).toBe('0')
  })

  test('the sum of a day counts within a batch too', async () => {
    const family = await givenWallet(100_000)
    const post = openShortWay(() => undefined)
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, n) => post(submissionOf(family, spending(3_000, 'member'), `key${n}`))),
    )
    expect(answers.filter((answer) => answer !== undefined)).toHaveLength(3)
    expect(await balanceOf(family)).toBe('91000')
  })

  test('a key that comes twice at once is posted once', async () => {
    const family = await givenWallet(1_000)
    const counted: string[] = []
    const post = openShortWay((outcome) => counted.push(outcome))
    await Promise.all(['first', 'same', 'same'].map((key) => post(submissionOf(family, spending(10), key))))
    await post(submissionOf(family, spending(10), 'first'))
    expect(counted.toSorted()).toEqual(['key', 'key', 'posted', 'posted'])
    expect(await balanceOf(family)).toBe('980')
  })

  test('a policy that was changed behind its back is noticed', async () => {
    const family = await givenWallet(100_000)
    const counted: string[] = []
    const post = openShortWay((outcome) => counted.push(outcome))
    await post(submissionOf(family, spending(9_000), 'key0'))
    await givenPolicy(
      family,
      { thresholds: [{ role: 'owner', amount: '50', of: 'role' }], windowSeconds: 0 },
      1,
    )
    for (const key of ['key1', 'key2']) await post(submissionOf(family, spending(9_000), key))
    await post(submissionOf(family, spending(4_000), 'key3'))
    expect(counted).toEqual(['posted', 'policy', 'approval', 'posted'])
  })

  test('who holds an account for long makes a batch give up, and nothing of it is written', async () => {
    const [held, free] = [await givenWallet(1_000), await givenWallet(1_000)]
    const counted: string[] = []
    const post = openShortWay((outcome) => counted.push(outcome))
    const holder = await admin.connect()
    await holder.query('BEGIN')
    await holder.query('SELECT 1 FROM accounts WHERE family_id = $1 FOR UPDATE', [held])
    const waiting = post(submissionOf(held, spending(10), 'key0'))
    expect(await post(submissionOf(free, spending(10), 'key0'))).toMatchObject({ status: 'posted' })
    expect(await waiting).toBeUndefined()
    await holder.query('COMMIT')
    holder.release()
    expect(counted).toEqual(['posted', 'error'])
    expect(await booksOf(held, [])).toMatchObject({ transactions: [], postings: [], events: [], keys: [] })
  })
})
