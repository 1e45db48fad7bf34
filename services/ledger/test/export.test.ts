import { createHash, randomUUID } from 'node:crypto'
import { get, type IncomingMessage } from 'node:http'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import pg from 'pg'
import { eventually } from '../../../tests/support/eventually.ts'
import { type Family, givenAccount, givenFamily, type Person } from '../../../tests/support/given.ts'
import { type House, startHouse } from '../../../tests/support/house.ts'
import { refused } from '../../../tests/support/refused.ts'

let house: House
let sql: pg.Client

beforeAll(async () => {
  house = await startHouse({ services: ['auth', 'ledger', 'gateway'] })
  sql = new pg.Client({ connectionString: house.database.adminUrl })
  await sql.connect()
}, 30_000)
afterAll(async () => {
  await sql.end()
  await house.stop()
})

const submit = (person: Person, account: string, amount: string, more: object = {}) =>
  person.ledger.call('submitTransaction', {
    body: { type: 'expense', account_id: account, amount, currency: 'EUR', ...more },
  })
const csv = (person: Person, query: Record<string, string> = {}) =>
  person.ledger.call('exportTransactions', { query })
/** Fields of each line; for files without line ends inside a field. */
const fieldsOf = (text: string) =>
  text
    .trimEnd()
    .split('\r\n')
    .map((line) =>
      [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map(
        ([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain,
      ),
    )

const known = (familyId: string, members: number) =>
  eventually(
    async () =>
      (await sql.query('SELECT 1 FROM ledger.members WHERE family_id = $1', [familyId])).rows.length,
    (n) => n === members,
  )

/** History that no test has the time to enter one by one; two postings each would not change what is exported. */
const fill = ({ id, owner }: Family, accountId: string, count: number) =>
  sql.query(
    `INSERT INTO ledger.transactions (family_id, id, type, status, account_id, amount, currency, description,
       created_by, occurred_at, created_at)
     SELECT $1, ('00000000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, 'expense', 'posted', $2, n, 'EUR',
       'line ' || n, $3, now(), now()
     FROM generate_series(1, $4::int) n`,
    [id, accountId, owner.userId, count],
  )

const open = (person: Person) =>
  new Promise<IncomingMessage>((resolve, reject) => {
    get(
      `${house.urls.gateway}/api/v1/exports/transactions.csv`,
      { headers: { authorization: `Bearer ${person.session.access_token}` }, agent: false },
      resolve,
    ).once('error', reject)
  })

const exportsRunning = async () =>
  (
    await sql.query(`SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'FETCH%'
     AND state <> 'idle'`)
  ).rows.length

describe('the export', () => {
  test('is RFC 4180 in UTF-8, oldest first, with names, and safe for spreadsheets', async () => {
    const { id, owner } = await givenFamily(house)
    await known(id, 1)
    const wallet = await givenAccount(owner, { name: 'Кошелёк, "мой"' })
    const other = await givenAccount(owner, { name: '=SUM(A1)' })
    const food = await owner.ledger.call('createCategory', { body: { name: '+Food' } })
    const one = await submit(owner, wallet.id, '12.50', { category_id: food.id, description: '@кофе, "да"' })
    const two = await submit(owner, wallet.id, '3', { type: 'transfer', to_account_id: other.id })
    const reversal = await owner.ledger.call('reverseTransaction', {
      params: { id: two.id! },
      body: { reason: 'wrong' },
    })
    const answer = await owner.ledger.send({ method: 'GET', target: '/api/v1/exports/transactions.csv' })
    expect(answer.status).toBe(200)
    expect(answer.headers.get('content-type')).toBe('text/csv; charset=utf-8')
    expect(answer.headers.get('content-disposition')).toBe('attachment; filename="transactions.csv"')
    expect(answer.headers.get('cache-control')).toBe('no-store')
    const [header, ...lines] = fieldsOf(answer.body as string)
    expect(header).toEqual(
      (
        'id,type,status,occurred_at,created_at,account,to_account,amount,currency,category,description,' +
        'created_by,reverses,reversed_by'
      ).split(','),
    )
    const named = lines.map((line) =>
      Object.fromEntries(line.map((value, index) => [header![index]!, value] as const)),
    )
    expect(named).toEqual([
      {
        id: one.id,
        type: 'expense',
        status: 'posted',
        occurred_at: one.occurred_at,
        created_at: one.created_at,
        account: 'Кошелёк, "мой"',
        to_account: '',
        amount: '12.50',
        currency: 'EUR',
        category: "'+Food",
        description: `'@кофе, "да"`,
        created_by: 'Olga',
        reverses: '',
        reversed_by: '',
      },
      expect.objectContaining({
        id: two.id,
        status: 'reversed',
        to_account: "'=SUM(A1)",
        reversed_by: reversal.id,
      }),
      expect.objectContaining({ id: reversal.id, status: 'posted', reverses: two.id }),
    ])
  })

  test('is a header alone where there is nothing, and takes the filters of the list', async () => {
    const { owner } = await givenFamily(house)
    expect(await csv(owner)).toMatch(/^id,[^\n]*\r\n$/)
    const [one, two] = [await givenAccount(owner), await givenAccount(owner)]
    await submit(owner, one.id, '1', { description: 'tea' })
    await submit(owner, two.id, '2', { description: 'bread' })
    await submit(owner, two.id, '3', { type: 'transfer', to_account_id: one.id })
    const amounts = async (query: Record<string, string>) =>
      fieldsOf(await csv(owner, query))
        .slice(1)
        .map((line) => line[7])
    expect(await amounts({ account_id: one.id })).toEqual(['1.00', '3.00'])
    expect(await amounts({ q: 'BREAD' })).toEqual(['2.00'])
    expect(await amounts({ type: 'transfer', account_id: two.id })).toEqual(['3.00'])
    const problem = await refused(csv(owner, { status: 'done' }), 'invalid_request')
    expect(problem.errors).toMatchObject([{ field: 'status' }])
  })

  test('is for owners and adults, shows what they see, and names no account that they do not', async () => {
    const { id, owner, people } = await givenFamily(house, ['adult', 'member', 'child', 'read_only'])
    await known(id, 5)
    const family = await givenAccount(owner, { name: 'Family' })
    const hidden = await givenAccount(owner, { name: 'Hidden', visibility: 'private' })
    await submit(owner, hidden.id, '1')
    await submit(owner, hidden.id, '2', { type: 'transfer', to_account_id: family.id })
    const [, line, ...more] = fieldsOf(await csv(people['adult']!))
    expect(more).toEqual([])
    expect(line?.slice(5, 8)).toEqual([hidden.id, 'Family', '2.00'])
    for (const role of ['member', 'child', 'read_only'])
      await refused(csv(people[role]!), 'permission_denied')
    await refused(owner.ledger.call('exportTransactions', { credentials: {} }), 'unauthenticated')
    const stranger = (await givenFamily(house)).owner
    expect(fieldsOf(await csv(stranger, { account_id: family.id }))).toHaveLength(1)
  })

  test('streams 60,000 lines through the gateway, whole', async () => {
    const family = await givenFamily(house)
    const account = await givenAccount(family.owner)
    await fill(family, account.id, 60_000)
    const answer = await open(family.owner)
    const hash = createHash('sha256')
    let lines = 0
    let largest = 0
    for await (const piece of answer as AsyncIterable<Buffer>) {
      largest = Math.max(largest, piece.length)
      lines += piece.toString('latin1').split('\r\n').length - 1
      hash.update(piece)
    }
    expect(answer.complete).toBe(true)
    expect(lines).toBe(60_001)
    expect(largest).toBeLessThan(1_000_000)
  }, 60_000)

  test('a client that goes away ends it, and frees its connection', async () => {
    const family = await givenFamily(house)
    const account = await givenAccount(family.owner)
    await fill(family, account.id, 60_000)
    for (let n = 0; n < 4; n += 1) {
      const answer = await open(family.owner)
      expect(answer.statusCode).toBe(200)
      expect(await exportsRunning()).toBe(1)
      answer.destroy()
      await eventually(exportsRunning, (running) => running === 0)
    }
  }, 60_000)

  test('two at a time; a third is told when to come back', async () => {
    const family = await givenFamily(house)
    const account = await givenAccount(family.owner)
    await fill(family, account.id, 60_000)
    const answers = [await open(family.owner), await open(family.owner)]
    const error = await csv(family.owner).catch((reason: unknown) => reason)
    expect(error).toMatchObject({ problem: { code: 'rate_limited', status: 429 }, retryAfter: 5 })
    for (const answer of answers) answer.destroy()
    await eventually(exportsRunning, (running) => running === 0)
    expect((await csv(family.owner, { q: randomUUID() })).split('\r\n')).toHaveLength(2)
  }, 60_000)

  test('an error in the middle breaks the connection: no file that only looks whole', async () => {
    const family = await givenFamily(house)
    const account = await givenAccount(family.owner)
    await fill(family, account.id, 60_000)
    const answer = await open(family.owner)
    expect(answer.statusCode).toBe(200)
    await sql.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity
      WHERE datname = current_database() AND query LIKE 'FETCH%'`)
    const end = await (async () => {
      for await (const _piece of answer as AsyncIterable<Buffer>) continue
      return 'whole'
    })().catch((error: NodeJS.ErrnoException) => error.code)
    expect(end).toBe('ECONNRESET')
    expect(answer.complete).toBe(false)
    expect((await csv(family.owner, { q: randomUUID() })).split('\r\n')).toHaveLength(2)
  }, 60_000)
})
