import { randomUUID } from 'node:crypto'
import type { DomainEvent } from '@common-purse/contracts'
import { headers } from '@nats-io/transport-node'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { runTool } from '../../../tests/support/run-tool.ts'
import { type AuditHouse, entriesOf, newEvent, startAuditHouse, until } from './support.ts'

let audit: AuditHouse
beforeAll(async () => {
  audit = await startAuditHouse()
})
afterAll(() => audit.stop())
beforeEach(() => audit.admin.query('DELETE FROM unreadable_events'))

const subject = 'ledger.account.created.v1'
const publish = (payload: string | Uint8Array, under = subject) =>
  audit.bus.js.publish(audit.bus.subject(under), payload)
const publishEvent = (event: DomainEvent) => publish(JSON.stringify(event), event.type)

interface Kept {
  id: string
  kind: string
  reason: string
  raw: Buffer
  resolved_at: Date | null
  replayed_at: Date | null
}

const keptAside = async (): Promise<Kept[]> =>
  (await audit.admin.query<Kept>('SELECT * FROM unreadable_events ORDER BY id')).rows

const kept = (count: number) =>
  until(
    async () => {
      const rows = await keptAside()
      return rows.length >= count && rows
    },
    `${count} messages kept aside`,
    60_000,
  )

const isStored = (event: DomainEvent) =>
  until(
    async () =>
      (await audit.admin.query('SELECT FROM event_log WHERE event_id = $1', [event.id])).rowCount === 1,
    'the event in the trail',
  )

const metric = async (name: string): Promise<number> => {
  const text = await (await fetch(`${audit.house.opsUrls.audit}/metrics`)).text()
  return Number(new RegExp(`^${name}.* (\\S+)$`, 'm').exec(text)?.[1])
}
const replay = (...args: string[]) =>
  runTool('replay-unreadable', args, { DATABASE_URL: audit.house.database.urlOf('audit') })

describe('what is no event', () => {
  const bytes = (text: string) => new TextEncoder().encode(text)
  const event = () => newEvent(randomUUID())
  const notText = () => {
    const raw = bytes(JSON.stringify({ ...event(), reason: 'é' }))
    return raw.filter((byte) => byte !== 0xa9) // half of the é
  }
  const deep = () => JSON.stringify(event()).replace('"Wallet"', '['.repeat(5_000) + ']'.repeat(5_000))

  test.each<[string, string, string, () => string | Uint8Array]>([
    ['an empty message', 'unreadable', subject, () => ''],
    ['bytes that are no text', 'unreadable', subject, notText],
    ['a NUL and nothing else', 'unreadable', subject, () => '\0'],
    ['nested five thousand times', 'content', subject, deep],
    ['half of a character', 'content', subject, () => JSON.stringify({ ...event(), reason: '\ud83e' })],
    ['version 0', 'unreadable', subject, () => JSON.stringify(event()).replace('"version":1', '"version":0')],
    ['a family that is no id', 'unreadable', subject, () => JSON.stringify({ ...event(), familyid: '1' })],
    ['the subject of another type', 'misplaced', 'ledger.account.closed.v1', () => JSON.stringify(event())],
    ['the subject of another service', 'misplaced', 'auth.user.updated.v1', () => JSON.stringify(event())],
    ['another source', 'misplaced', subject, () => JSON.stringify({ ...event(), source: '/auth' })],
  ])('%s is kept aside as it came, and what follows is stored', async (_, kind, under, payload) => {
    const raw = payload()
    const after = event()
    await publish(raw, under)
    await publishEvent(after)
    await isStored(after)
    const [row] = await kept(1)
    expect(row).toMatchObject({ kind, resolved_at: null })
    expect(row!.reason).not.toBe('')
    expect(row!.raw.equals(Buffer.from(raw))).toBe(true)
  })

  test('headers make no difference', async () => {
    const odd = event()
    const junk = headers()
    junk.set('Nats-Msg-Id', 'é\t"')
    junk.append('X-Junk', '\u0001'.repeat(5_000))
    await audit.bus.js.publish(audit.bus.subject(subject), JSON.stringify(odd), { headers: junk })
    await isStored(odd)
    expect(await keptAside()).toEqual([])
  })
})

test('a thousand bad messages of every sort starve none of a hundred good ones', async () => {
  const familyId = randomUUID()
  const known = newEvent(familyId)
  await publishEvent(known)
  const forged = () => JSON.stringify({ ...known, reason: randomUUID() })
  const bad = [() => '{', forged, () => JSON.stringify({ ...newEvent(familyId), type: 'x' })]
  const sent: Promise<unknown>[] = []
  for (let n = 0; n < 1_000; n++) {
    sent.push(publish(bad[n % 3]!()))
    if (n % 10 === 0) sent.push(publishEvent(newEvent(familyId)))
  }
  await Promise.all(sent)
  const stored = 'SELECT FROM event_log WHERE family_id = $1'
  const isComplete = async () => (await audit.admin.query(stored, [familyId])).rowCount === 101
  await until(isComplete, 'the good ones in the trail', 60_000)
  const rows = await kept(1_000)
  expect(new Set(rows.map(({ kind }) => kind))).toEqual(new Set(['unreadable', 'unknown', 'conflict']))
  expect(await metric('unreadable_events\\{')).toBe(1_000)
  expect(
    await metric('consumer_kept_aside_total\\{.*consumer="audit-ledger",kind="conflict"'),
  ).toBeGreaterThanOrEqual(333)
}, 120_000)

test('what is no fault of the messages keeps none aside: they wait in their order', async () => {
  const familyId = randomUUID()
  await audit.admin.query('ALTER TABLE event_log RENAME TO event_log_away')
  const events = Array.from({ length: 20 }, () => newEvent(familyId))
  for (const event of events) await publishEvent(event)
  await until(
    async () => (await metric('consumer_lag_messages\\{.*consumer="audit-ledger"')) >= events.length,
    'events that wait',
  )
  await audit.admin.query('ALTER TABLE event_log_away RENAME TO event_log')
  const rows = await entriesOf(audit, familyId, events.length)
  expect(rows.map(({ event_id }) => event_id as string)).toEqual(events.map(({ id }) => id))
  expect(await keptAside()).toEqual([])
})

test('a bus that lost its disk numbers its messages anew, and none is taken for an earlier one', async () => {
  const { keepAside } = await import('@common-purse/kit/unreadable')
  const { asTx, openPool } = await import('@common-purse/kit/database')
  const { createLogger } = await import('@common-purse/kit/logger')
  const pool = openPool(audit.house.database.urlOf('audit'), createLogger('test', 'silent'), 1)
  const poison = (text: string) => ({
    stream: 'LEDGER_EVENTS',
    streamSeq: 7,
    subject,
    raw: Buffer.from(text),
    kind: 'unreadable' as const,
    reason: 'Not JSON',
  })
  try {
    await keepAside(asTx(pool), [poison('one'), poison('two')])
    await keepAside(asTx(pool), [poison('two'), poison('one')])
  } finally {
    await pool.end()
  }
  expect((await keptAside()).map(({ raw }) => raw.toString())).toEqual(['one', 'two'])
})

describe('what is kept aside is processed again by a command', () => {
  /** The database refuses a family's entries, until somebody puts that right. */
  const refuse = (familyId: string) =>
    audit.admin.query(`
      CREATE FUNCTION refuse_family() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN RAISE EXCEPTION 'not this family' USING ERRCODE = 'data_exception'; END $$;
      CREATE TRIGGER refuse_family BEFORE INSERT ON event_log FOR EACH ROW WHEN (NEW.family_id = '${familyId}')
      EXECUTE FUNCTION refuse_family()`)
  const putRight = () =>
    audit.admin.query('DROP TRIGGER refuse_family ON event_log; DROP FUNCTION refuse_family()')

  test('after a fix; what is still wrong stays with its reason, and nothing is doubled', async () => {
    const familyId = randomUUID()
    const [first, second] = [newEvent(familyId), newEvent(familyId)]
    await refuse(familyId)
    await publishEvent(first)
    await kept(1)
    await publishEvent(second)
    await publish('no event\u001b[2J')
    const rows = await kept(3)
    expect(rows.map(({ kind }) => kind).toSorted()).toEqual(['content', 'content', 'unreadable'])

    const early = await replay('--all')
    expect(early).toMatchObject({
      code: 1,
      text: expect.stringContaining('0 processed, 3 still wrong') as unknown,
    })
    await putRight()

    const listed = await replay()
    expect(listed).toMatchObject({
      code: 0,
      text: expect.stringContaining('3 messages are kept aside') as unknown,
    })
    expect(listed.text).toContain('not this family')
    expect(listed.text).not.toContain('\u001b')

    const one = await replay('--id', rows[0]!.id)
    expect(one).toMatchObject({
      code: 0,
      text: expect.stringContaining('1 processed, 0 still wrong') as unknown,
    })
    await isStored(first)
    const all = await replay('--all')
    expect(all).toMatchObject({
      code: 1,
      text: expect.stringContaining('1 processed, 1 still wrong') as unknown,
    })
    await isStored(second)

    const after = await keptAside()
    expect(after.map(({ resolved_at }) => resolved_at !== null).toSorted()).toEqual([false, true, true])
    expect(after.every(({ replayed_at }) => replayed_at !== null)).toBe(true)
    expect(await metric('unreadable_events\\{')).toBe(1)
    await publishEvent(first) // the bus delivers it once more
    await publishEvent(newEvent(familyId))
    expect((await entriesOf(audit, familyId, 3)).map(({ seq }) => Number(seq))).toEqual([1, 2, 3])
  }, 120_000)

  test('says what it does not understand, and changes nothing then', async () => {
    await publish('no event')
    const before = await kept(1)
    for (const args of [['--id', '0'], ['--id', '999999999'], ['--service', 'gateway'], ['--what']])
      expect((await replay(...args)).code).toBe(2)
    expect(await keptAside()).toEqual(before)
  }, 120_000)

  test('the service can note what became of a message, and neither change nor remove it', async () => {
    await publish('no event')
    await kept(1)
    for (const change of [
      `UPDATE unreadable_events SET raw = 'x'`,
      `UPDATE unreadable_events SET subject = 'x'`,
      'DELETE FROM unreadable_events',
    ])
      await expect(audit.admin.query(`BEGIN; SET LOCAL ROLE purse_audit; ${change}; COMMIT`))
        .rejects.toThrow('permission denied')
        .finally(() => audit.admin.query('ROLLBACK'))
  })
})
