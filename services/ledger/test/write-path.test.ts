import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import type { Role } from '../../../libs/contracts/src/index.ts'
import { eventually } from '../../../tests/support/eventually.ts'
import {
  type Books,
  booksOf,
  givenPolicy,
  givenState,
  idOf,
  openBooks,
  plain,
} from './support/write-path-books.ts'
import { type State, state, type Step, step } from './support/write-path-input.ts'
import { byTheUseCase, onTheShortWay, openShortWay, submissionOf } from './support/write-path-ways.ts'

/*
 * The short way in SQL against the use-case: both are given the same state and the same commands, one by one, each in a
 * family of its own, and have to leave the same behind.
 */

let at: Books
const outcomes: string[] = []
beforeAll(async () => {
  at = await openBooks()
})
afterAll(() => at.stop())

describe('the short way', () => {
  test('leaves behind what the use-case does, or nothing', async () => {
    await fc.assert(
      fc.asyncProperty(state, fc.array(step, { minLength: 1, maxLength: 6 }), async (given, steps) => {
        const [short, long] = [await givenState(at, given), await givenState(at, given)]
        const shortNames: [string, string][] = []
        const longNames: [string, string][] = []
        for (const [index, raw] of steps.entries()) {
          const one = { ...raw, from: raw.from % given.accounts.length, to: raw.to % given.accounts.length }
          if (one.type === 'transfer' && one.from === one.to) continue
          const before = await booksOf(at, short, [])
          const { outcome, answer } = await onTheShortWay(at.pool, short, one, `key${index}`)
          outcomes.push(outcome)
          const expected = await byTheUseCase(at.pool, long, one, `key${index}`)
          if (answer === undefined) {
            expect(outcome).not.toBe('error')
            // Nothing of it is written; then the use-case goes on in both families.
            expect(await booksOf(at, short, [])).toEqual(before)
            // What could have been posted at once has to be.
            if (typeof expected !== 'string') expect(expected.status).toBe('pending_approval')
            const same = await byTheUseCase(at.pool, short, one, `key${index}`)
            if (typeof same !== 'string') shortNames.push([same.id!, `T${index}`])
          } else shortNames.push([answer.id!, `T${index}`])
          if (typeof expected !== 'string') longNames.push([expected.id!, `T${index}`])
          if (answer !== undefined)
            expect(plain(answer, [[short, 'FAMILY'], ...shortNames])).toBe(
              plain(expected, [[long, 'FAMILY'], ...longNames]),
            )
        }
        expect(await booksOf(at, short, shortNames)).toEqual(await booksOf(at, long, longNames))
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
    givenState(at, { accounts: [wallet(posted)], archived: false, thresholds: [], windowSeconds: 0 })
  const balanceOf = async (family: string) =>
    (
      await at.admin.query<{ posted: string }>(
        'SELECT posted FROM accounts WHERE family_id = $1 AND id = $2',
        [family, idOf(1, 0)],
      )
    ).rows[0]!.posted

  test('of many at once each sees what those before it left, and who asks for too much disturbs nobody', async () => {
    const [family, other] = [await givenWallet(1_000), await givenWallet(1_000)]
    const counted: string[] = []
    const post = openShortWay(at.pool, (outcome) => counted.push(outcome))
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
    const post = openShortWay(at.pool, () => undefined)
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, n) => post(submissionOf(family, spending(3_000, 'member'), `key${n}`))),
    )
    expect(answers.filter((answer) => answer !== undefined)).toHaveLength(3)
    expect(await balanceOf(family)).toBe('91000')
  })

  test('a key that comes twice at once is posted once', async () => {
    const family = await givenWallet(1_000)
    const counted: string[] = []
    const post = openShortWay(at.pool, (outcome) => counted.push(outcome))
    await Promise.all(['first', 'same', 'same'].map((key) => post(submissionOf(family, spending(10), key))))
    await post(submissionOf(family, spending(10), 'first'))
    expect(counted.toSorted()).toEqual(['key', 'key', 'posted', 'posted'])
    expect(await balanceOf(family)).toBe('980')
  })

  test('a policy that was changed behind its back is noticed', async () => {
    const family = await givenWallet(100_000)
    const counted: string[] = []
    const post = openShortWay(at.pool, (outcome) => counted.push(outcome))
    await post(submissionOf(family, spending(9_000), 'key0'))
    await givenPolicy(
      at.pool,
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
    const post = openShortWay(at.pool, (outcome) => counted.push(outcome))
    const holder = await at.admin.connect()
    await holder.query('BEGIN')
    await holder.query('SELECT 1 FROM accounts WHERE family_id = $1 FOR UPDATE', [held])
    const waiting = post(submissionOf(held, spending(10), 'key0'))
    const locked = `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`
    await eventually(
      () => at.admin.query(locked),
      ({ rowCount }) => rowCount === 1,
    )
    expect(await post(submissionOf(free, spending(10), 'key0'))).toMatchObject({ status: 'posted' })
    expect(await waiting).toBeUndefined()
    await holder.query('COMMIT')
    holder.release()
    expect(counted).toEqual(['posted', 'error'])
    expect(await booksOf(at, held, [])).toMatchObject({
      transactions: [],
      postings: [],
      events: [],
      keys: [],
    })
  })
})
