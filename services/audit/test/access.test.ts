import { randomUUID } from 'node:crypto'
import { type AccessBatch, type AccessLine, accessSubject, type StreamName } from '@common-purse/contracts'
import { openBus } from '@common-purse/kit/bus'
import { createLogger } from '@common-purse/kit/logger'
import { nanos } from '@nats-io/transport-node'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { type AuditHouse, newPerson, startAuditHouse, until } from './support.ts'

type Line = AccessBatch['lines'][number]

let audit: AuditHouse
beforeAll(async () => {
  audit = await startAuditHouse()
})
afterAll(() => audit.stop())

const newLine = (given: Partial<Line> = {}): Line => ({
  id: randomUUID(),
  at: new Date().toISOString(),
  method: 'GET',
  route: '/api/v1/accounts',
  status: 200,
  code: null,
  duration_ms: 1.25,
  ip: '192.0.2.7',
  request_id: randomUUID(),
  user_id: null,
  family_id: null,
  client: 'api',
  ...given,
})

const publish = (lines: Line[]) => audit.publishRaw(accessSubject, JSON.stringify({ lines }))

const countOf = async (ids: string[]) =>
  (await audit.admin.query('SELECT id FROM access_log WHERE id = ANY($1)', [ids])).rows.length

/** Publishes lines and waits until they are stored. */
async function givenLines(lines: Line[]): Promise<Line[]> {
  await publish(lines)
  const ids = lines.map(({ id }) => id)
  await until(async () => (await countOf(ids)) === ids.length, 'the lines in the access log')
  return lines
}

const itemsOf = (body: unknown) => (body as { items: AccessLine[] }).items

describe('storing', () => {
  test('a batch that comes again changes nothing, and what is new in it is stored', async () => {
    const [known, fresh] = [newLine(), newLine()]
    await givenLines([known])
    await publish([{ ...known, status: 500 }, fresh])
    await until(async () => (await countOf([fresh.id])) === 1, 'the new line')
    const { rows } = await audit.admin.query('SELECT status FROM access_log WHERE id = $1', [known.id])
    expect(rows).toEqual([{ status: 200 }])
  })

  test('lines of other times than ours are stored too', async () => {
    const past = new Date(Date.now() - 200 * 86_400_000).toISOString()
    const lines = [past, '2099-12-31T23:59:59.999Z'].map((at) => newLine({ at }))
    await givenLines(lines)
    const { rows } = await audit.admin.query<{ id: string }>('SELECT id FROM access_log_outside ORDER BY at')
    expect(rows.map(({ id }) => id)).toEqual(lines.map(({ id }) => id))
  })

  test.each([
    ['a time that is none', { at: 'yesterday' }],
    ['an unknown member', { body: 'secret' }],
    ['a status that is no number', { status: 'fine' }],
  ])('a batch with %s is kept aside, and the next one is stored', async (_, wrong) => {
    const [bad, good] = [{ ...newLine(), ...wrong } as Line, newLine()]
    await publish([bad])
    await givenLines([good])
    await until(async () => {
      const { rows } = await audit.admin.query(
        `SELECT 1 FROM unreadable_events WHERE position(convert_to($1, 'UTF8') IN raw) > 0`,
        [bad.id],
      )
      return rows.length === 1
    }, 'the batch kept aside')
    expect(await countOf([bad.id])).toBe(0)
  })
})

test('the bus forgets lines after 30 days and events never, on a bus of before as well', async () => {
  const { jsm, stream } = audit.bus
  const days = async (name: StreamName) =>
    (await jsm.streams.info(stream(name))).config.max_age / nanos(86_400_000)
  expect(await Promise.all([days('ACCESS_LOG'), days('LEDGER_EVENTS')])).toEqual([30, 0])
  await jsm.streams.update(stream('ACCESS_LOG'), { max_age: 0 })
  const { NATS_URL, NATS_PREFIX } = audit.house.env as { NATS_URL: string; NATS_PREFIX: string }
  const link = openBus({ NATS_URL, NATS_PREFIX, NATS_REPLICAS: 1 }, 'test', createLogger('test', 'silent'))
  await link.ready
  expect(await days('ACCESS_LOG')).toBe(30)
  await link.stop()
})

describe('reading', () => {
  test('a line looks as the product says', async () => {
    const owner = newPerson('owner')
    const [line] = await givenLines([
      newLine({ family_id: owner.familyId, user_id: owner.userId, status: 403, code: 'permission_denied' }),
    ])
    const { family_id: _, ...shown } = line!
    expect(await audit.get('/audit/access', owner)).toEqual({
      status: 200,
      body: { items: [shown], next_cursor: null },
    })
  })

  test('pages are newest first and stay right while lines come, of one and the same moment too', async () => {
    const owner = newPerson('adult')
    const family_id = owner.familyId
    const start = Date.now() - 3_600_000
    const times = [0, 1, 1, 1, 2, 3, 3].map((n) => new Date(start + n).toISOString())
    const lines = await givenLines(times.map((at) => newLine({ at, family_id })))
    const seen: AccessLine[] = []
    let cursor = ''
    do {
      const { body } = await audit.get(`/audit/access?limit=2${cursor && `&cursor=${cursor}`}`, owner)
      seen.push(...itemsOf(body))
      cursor = body.next_cursor as string
      await givenLines([newLine({ family_id })])
    } while (cursor)
    const inOrder = lines.toSorted((a, b) => (a.at === b.at ? (a.id < b.id ? 1 : -1) : a.at < b.at ? 1 : -1))
    expect(seen.map(({ id }) => id)).toEqual(inOrder.map(({ id }) => id))
  })

  test('pages go through months, and through times that have none', async () => {
    const owner = newPerson('owner')
    const now = Date.now()
    const times = [390, 90, 40, 20, 0, -30, -400].map((days) =>
      new Date(now - days * 86_400_000).toISOString(),
    )
    await givenLines(times.map((at) => newLine({ at, family_id: owner.familyId })))
    const seen: string[] = []
    let cursor = ''
    do {
      const { body } = await audit.get(`/audit/access?limit=3${cursor && `&cursor=${cursor}`}`, owner)
      seen.push(...itemsOf(body).map(({ at }) => at))
      cursor = body.next_cursor as string
    } while (cursor)
    expect(seen).toEqual(times.toReversed())
  })

  test('shows nothing of others and nothing of nobody', async () => {
    const [owner, stranger] = [newPerson('owner'), newPerson('owner')]
    const [own] = await givenLines([
      newLine({ family_id: owner.familyId }),
      newLine({ family_id: stranger.familyId }),
      newLine(),
    ])
    expect(itemsOf((await audit.get('/audit/access', owner)).body).map(({ id }) => id)).toEqual([own!.id])
    expect((await audit.get('/audit/access', newPerson('owner'))).body).toEqual({
      items: [],
      next_cursor: null,
    })
  })

  test.each(['member', 'child', 'read_only'] as const)('a %s may not', async (role) => {
    expect(await audit.get('/audit/access', newPerson(role))).toMatchObject({
      status: 403,
      body: { code: 'permission_denied' },
    })
  })

  test('nobody may without a token', async () => {
    expect(await audit.get('/audit/access')).toMatchObject({ status: 401, body: { code: 'unauthenticated' } })
  })

  test.each([
    ['cursor=abc', 'cursor'],
    [`cursor=${Buffer.from("0 ' OR 1").toString('base64url')}`, 'cursor'],
    ['limit=0', 'limit'],
    ['limit=101', 'limit'],
    ['user_id=me', 'user_id'],
  ])('refuses ?%s and names the field', async (query, field) => {
    expect(await audit.get(`/audit/access?${query}`, newPerson('owner'))).toMatchObject({
      status: 400,
      body: {
        code: 'invalid_request',
        errors: expect.arrayContaining([expect.objectContaining({ field })]) as unknown,
      },
    })
  })
})
