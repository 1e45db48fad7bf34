import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import pg from 'pg'
import { cloneDatabase, type TestDatabase } from '../../../tests/support/test-database.ts'

/* What the database itself refuses, whoever writes: the service's role, and the owner of the tables. */

let database: TestDatabase
let clients: Record<'service' | 'owner', pg.Client>
const who = ['service', 'owner'] as const
const CHECK = '23514'
const FOREIGN = '23503'
const PRIVILEGE = '42501'
const UNIQUE = '23505'

const [familyId, otherId] = [randomUUID(), randomUUID()]
const ids = {
  wallet: randomUUID(),
  outside: randomUUID(),
  yen: randomUUID(),
  outsideYen: randomUUID(),
  foreign: randomUUID(),
}
const posted = randomUUID()

const addAccount = (family: string, id: string, currency: string, kind = 'cash') =>
  clients.service.query(
    `INSERT INTO ledger.accounts (family_id, id, name, kind, currency, owner_id) VALUES ($1, $2, 'A', $3, $4, $5)`,
    [family, id, kind, currency, kind === 'outside' ? null : randomUUID()],
  )

const addTransaction = (client: pg.Client, more: { id: string; status?: string; reverses?: string }) =>
  client.query(
    `INSERT INTO ledger.transactions (family_id, id, type, status, account_id, amount, currency, created_by, occurred_at,
       created_at, reverses, required_approvals, expires_at)
     VALUES ($1, $2, 'expense', $3::ledger.transaction_status, $4, 5, 'EUR', $5, now(), now(), $6, 1, now())`,
    [familyId, more.id, more.status ?? 'posted', ids.wallet, randomUUID(), more.reverses ?? null],
  )

type Leg = [account: string, amount: number, currency?: string, family?: string]

const addPostings = (client: pg.Client, id: string, legs: Leg[]) =>
  client.query(
    `INSERT INTO ledger.postings (family_id, transaction_id, account_id, amount, currency, balance_after)
     SELECT l.family, $1, l.account, l.amount, l.currency, 0
     FROM unnest($2::uuid[], $3::uuid[], $4::bigint[], $5::text[]) AS l (family, account, amount, currency)`,
    [
      id,
      legs.map(([, , , family = familyId]) => family),
      legs.map(([account]) => account),
      legs.map(([, amount]) => amount),
      legs.map(([, , currency = 'EUR']) => currency),
    ],
  )

/** Runs it in a transaction up to COMMIT; answers the code of what refused it. */
async function refusalOf(client: pg.Client, work: () => Promise<unknown>): Promise<string | undefined> {
  await client.query('BEGIN')
  try {
    await work()
    await client.query('COMMIT')
    return undefined
  } catch (error) {
    await client.query('ROLLBACK')
    return (error as pg.DatabaseError).code
  }
}

beforeAll(async () => {
  database = await cloneDatabase()
  clients = {
    service: new pg.Client({ connectionString: database.urlOf('ledger') }),
    owner: new pg.Client({ connectionString: database.adminUrl }),
  }
  await Promise.all([clients.service.connect(), clients.owner.connect()])
  await addAccount(familyId, ids.wallet, 'EUR')
  await addAccount(familyId, ids.outside, 'EUR', 'outside')
  await addAccount(familyId, ids.yen, 'JPY')
  await addAccount(familyId, ids.outsideYen, 'JPY', 'outside')
  await addAccount(otherId, ids.foreign, 'EUR')
  await addTransaction(clients.service, { id: posted })
  await addPostings(clients.service, posted, [
    [ids.wallet, -5],
    [ids.outside, 5],
  ])
})
afterAll(async () => {
  await Promise.all([clients.service.end(), clients.owner.end()])
  await database.drop()
})

describe.each(who)('%s', (name) => {
  test.each<[string, string, Leg[][]]>([
    ['one leg alone', CHECK, [[[ids.wallet, -5]]]],
    ['legs that do not cancel out', CHECK, [[[ids.wallet, -5], [ids.outside, 4]]]], // prettier-ignore
    ['two legs in two statements', CHECK, [[[ids.wallet, -5]], [[ids.outside, 5]]]],
    ['two currencies', CHECK, [[[ids.wallet, -5], [ids.yen, 5, 'JPY']]]], // prettier-ignore
    ['another currency than the transaction’s', CHECK, [[[ids.yen, -5, 'JPY'], [ids.outsideYen, 5, 'JPY']]]], // prettier-ignore
    ['a currency that the account does not have', FOREIGN, [[[ids.wallet, -5], [ids.yen, 5]]]], // prettier-ignore
    ['an account of another family', FOREIGN, [[[ids.wallet, -5], [ids.foreign, 5]]]], // prettier-ignore
    ['a leg in another family', FOREIGN, [[[ids.wallet, -5], [ids.foreign, 5, 'EUR', otherId]]]], // prettier-ignore
    ['a leg of nothing', CHECK, [[[ids.wallet, 0]]]],
  ])('cannot post %s', async (_what, code, statements) => {
    const client = clients[name]
    const id = randomUUID()
    const work = async () => {
      await addTransaction(client, { id })
      for (const legs of statements) await addPostings(client, id, legs)
    }
    expect(await refusalOf(client, work)).toBe(code)
    const { rows } = await client.query('SELECT 1 FROM ledger.transactions WHERE id = $1', [id])
    expect(rows).toEqual([])
  })

  test.each([
    'UPDATE ledger.postings SET amount = amount + 1',
    'DELETE FROM ledger.postings',
    'TRUNCATE ledger.postings',
  ])('cannot %s', async (statement) => {
    expect(await refusalOf(clients[name], () => clients[name].query(statement))).toBe(PRIVILEGE)
    const { rows } = await clients[name].query(
      'SELECT sum(amount)::int, count(*)::int FROM ledger.postings WHERE transaction_id = $1',
      [posted],
    )
    expect(rows).toEqual([{ sum: 0, count: 2 }])
  })

  test('cannot hold less than nothing', async () => {
    const work = () => clients[name].query('UPDATE ledger.accounts SET held = -1')
    expect(await refusalOf(clients[name], work)).toBe(CHECK)
  })

  test('cannot reverse twice', async () => {
    const client = clients[name]
    const work = async () => {
      await addTransaction(client, { id: randomUUID(), reverses: posted })
      await addTransaction(client, { id: randomUUID(), reverses: posted })
    }
    expect(await refusalOf(client, work)).toBe(UNIQUE)
  })

  const statuses = ['pending_approval', 'posted', 'rejected', 'cancelled', 'expired', 'reversed']
  const allowed = [
    ...['posted', 'rejected', 'cancelled', 'expired'].map((to) => `pending_approval ${to}`),
    'posted reversed',
  ]
  test('moves a status only as its life goes', async () => {
    const client = clients[name]
    for (const from of statuses)
      for (const to of statuses.filter((status) => status !== from)) {
        const id = randomUUID()
        await addTransaction(client, { id, status: from })
        const work = () =>
          client.query(
            'UPDATE ledger.transactions SET status = $2::ledger.transaction_status WHERE id = $1',
            [id, to],
          )
        const code = await refusalOf(client, work)
        expect({ from, to, code }).toEqual({
          from,
          to,
          code: allowed.includes(`${from} ${to}`) ? undefined : CHECK,
        })
      }
  })
})
