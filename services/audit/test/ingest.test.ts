import { randomUUID } from 'node:crypto'
import { accessSubject, type DomainEvent, eventActions, eventType } from '@common-purse/contracts'
import { createLogger } from '@common-purse/kit/logger'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { loadConfig } from '../src/config.ts'
import { startAudit } from '../src/start.ts'
import { type AuditHouse, entriesOf, newEvent, newPerson, startAuditHouse, until } from './support.ts'

let audit: AuditHouse
beforeAll(async () => {
  audit = await startAuditHouse()
})
afterAll(() => audit.stop())

const unreadable = (reason: string) =>
  until(async () => {
    const { rows } = await audit.admin.query('SELECT * FROM unreadable_events WHERE reason LIKE $1', [
      `%${reason}%`,
    ])
    return rows[0] as { raw: Buffer; subject: string; reason: string } | undefined
  }, `a message kept aside for: ${reason}`)

const intact = async (familyId: string) => {
  const { status, body } = await audit.get('/audit/verify', newPerson('read_only', familyId))
  expect(status).toBe(200)
  return body as { intact: boolean; entries: number }
}

describe('what arrives on the bus', () => {
  test('the database knows every action of the contract, and no other', async () => {
    const { rows } = await audit.admin.query('SELECT unnest(enum_range(NULL::event_action))::text AS action')
    expect(rows.map(({ action }) => action as string).toSorted()).toEqual([...eventActions].toSorted())
  })

  test('every kind of event is stored, in the order of arrival, in one chain per family', async () => {
    const [one, other] = [newPerson('owner'), newPerson('owner')]
    for (const action of eventActions) {
      const source = `/${eventType(action).split('.')[0]}` as DomainEvent['source']
      await audit.publish(newEvent(one.familyId, { action, source }))
      await audit.publish(newEvent(other.familyId, { action, source }))
    }
    for (const { familyId } of [one, other]) {
      const rows = await entriesOf(audit, familyId, eventActions.length)
      expect(rows.map(({ seq }) => Number(seq))).toEqual(eventActions.map((_, index) => index + 1))
      expect(rows.map(({ action }) => action as string).toSorted()).toEqual([...eventActions].toSorted())
      expect(await intact(familyId)).toMatchObject({ intact: true, entries: eventActions.length })
    }
  })

  test('two replicas, every event delivered several times, the position forgotten: each event once', async () => {
    const familyIds = Array.from({ length: 4 }, () => randomUUID())
    const events = Array.from({ length: 300 }, (_, index) => newEvent(familyIds[index % 4]!))
    const env = { ...audit.house.env, DATABASE_URL: audit.house.database.urlOf('audit') }
    const second = await startAudit(loadConfig(env), createLogger('audit', 'silent'))
    try {
      await Promise.all([audit.publish(...events), audit.publish(...events.toReversed())])
      for (const familyId of familyIds) await entriesOf(audit, familyId, 75)
      // As if the database had been set back to before it read anything: the whole stream comes again.
      await audit.admin.query(
        `UPDATE stream_positions SET seq = 0, digest = NULL WHERE reader = 'audit-ledger'`,
      )
      const last = newEvent(familyIds[0]!)
      await audit.publish(last)
      await until(async () => {
        const { rowCount } = await audit.admin.query('SELECT 1 FROM event_log WHERE event_id = $1', [last.id])
        return rowCount === 1
      }, 'the event after the redelivery')
    } finally {
      await second.stop()
    }
    const { rows } = await audit.admin.query(
      'SELECT event_id FROM event_log WHERE family_id = ANY($1::uuid[])',
      [familyIds],
    )
    expect(rows).toHaveLength(301)
    expect(new Set(rows.map(({ event_id }) => event_id as string)).size).toBe(301)
    for (const familyId of familyIds) expect((await intact(familyId)).intact).toBe(true)
  })

  test('values come back as they were sent, whatever is in them', async () => {
    const person = newPerson('owner')
    const values = {
      amount: '250.00',
      n: 1e21,
      small: 5e-324,
      minus: 0,
      text: 'Ёж 🦔 "\\" \u2028',
      nested: [{ b: 1, a: [null] }],
      '': true,
    }
    const event = newEvent(person.familyId, {
      reason: 'because',
      ip: '2001:db8::1',
      client: 'bot',
      actorid: person.userId,
    })
    event.data.old_values = values
    const text = JSON.stringify(event).replace('"minus":0', '"minus":-0')
    await audit.publishRaw(event.type, text)
    await audit.publishRaw(event.type, text)
    await audit.publish(newEvent(person.familyId))
    await entriesOf(audit, person.familyId, 2)
    const kept = await audit.admin.query('SELECT reason FROM unreadable_events')
    expect(kept.rows).toEqual([])
    const { body } = await audit.get(`/audit/events/${event.id}`, person)
    expect(body).toMatchObject({
      old_values: values,
      reason: 'because',
      ip: '2001:db8::1',
      client: 'bot',
      actor_id: person.userId,
    })
    expect((await intact(person.familyId)).intact).toBe(true)
  })
})

describe('poison is kept aside, and what follows it is not held up', () => {
  const familyId = randomUUID()
  const valid = () => newEvent(familyId)
  const known = valid()

  const kinds: [string, string, () => string][] = [
    ['not JSON', 'JSON', () => '{"specversion": '],
    [
      'an unknown type',
      'Unknown event type',
      () => JSON.stringify({ ...valid(), type: 'ledger.account.stolen.v1' }),
    ],
    [
      'an unknown version',
      'Unknown event type',
      () => JSON.stringify({ ...valid(), type: 'ledger.account.created.v2' }),
    ],
    [
      '1 MB',
      'are larger than',
      () =>
        JSON.stringify({
          ...valid(),
          data: { ...valid().data, new_values: { blob: 'x'.repeat(1_000_000) } },
        }),
    ],
    [
      'a NUL in a value',
      'a NUL',
      () => JSON.stringify({ ...valid(), data: { ...valid().data, new_values: { name: 'a\0b' } } }),
    ],
    [
      'a known id with other content',
      'another content',
      () => JSON.stringify({ ...known, reason: 'forged' }),
    ],
    [
      'a known id in another family',
      'another content',
      () => JSON.stringify({ ...known, familyid: randomUUID() }),
    ],
  ]

  test.each(kinds)('%s', async (_, reason, payload) => {
    await audit.publish(known)
    await audit.admin.query('TRUNCATE unreadable_events')
    const after = valid()
    await audit.publishRaw('ledger.account.created.v1', payload())
    await audit.publish(after)
    await until(async () => {
      const { rowCount } = await audit.admin.query('SELECT 1 FROM event_log WHERE event_id = $1', [after.id])
      return rowCount === 1
    }, 'the event after the poison')
    const kept = await unreadable(reason)
    expect(kept.raw.length).toBeGreaterThan(10)
    expect((await intact(familyId)).intact).toBe(true)
  })

  test('it is counted in the metrics', async () => {
    const text = await (await fetch(`${audit.house.opsUrls.audit}/metrics`)).text()
    expect(Number(/^unreadable_events\{.*\} (\d+)$/m.exec(text)?.[1])).toBeGreaterThan(0)
  })
})

describe('the access log', () => {
  const line = (familyId: string | null, at = new Date()) => ({
    id: randomUUID(),
    at: at.toISOString(),
    method: 'POST',
    route: '/api/v1/transactions/{id}/approve',
    status: 200,
    code: null,
    duration_ms: 12.4,
    user_id: randomUUID(),
    ip: '203.0.113.7',
    client: 'api',
    request_id: randomUUID(),
    family_id: familyId,
  })

  test('lines are stored once and read newest first, page by page, by owners and adults', async () => {
    const person = newPerson('adult')
    const start = Date.now()
    const lines = Array.from({ length: 5 }, (_, index) =>
      line(person.familyId, new Date(start + Math.floor(index / 2))),
    )
    const batch = JSON.stringify({ lines: [...lines, line(null), line(randomUUID())] })
    await audit.publishRaw(accessSubject, batch)
    await audit.publishRaw(accessSubject, batch)
    const first = await until(async () => {
      const answer = await audit.get('/audit/access?limit=3', person)
      return answer.body.items.length === 3 && answer
    }, 'lines in the access log')
    const second = await audit.get(`/audit/access?limit=3&cursor=${first.body.next_cursor as string}`, person)
    const expected = lines
      .toSorted((a, b) => (a.at + a.id < b.at + b.id ? 1 : -1))
      .map(({ family_id: _familyId, ...rest }) => rest)
    expect([...first.body.items, ...second.body.items]).toEqual(expected)
    expect(second.body.next_cursor).toBeNull()
  })

  test('others do not see it', async () => {
    for (const role of ['member', 'child', 'read_only'] as const)
      expect(await audit.get('/audit/access', newPerson(role))).toMatchObject({
        status: 403,
        body: { code: 'permission_denied', detail: expect.stringContaining('audit.read.all') as unknown },
      })
    expect((await audit.get('/audit/access')).status).toBe(401)
    expect(await audit.get('/audit/access?limit=101', newPerson('owner'))).toMatchObject({
      status: 400,
      body: { errors: [{ field: 'limit' }] },
    })
    expect(await audit.get('/audit/access?cursor=eA', newPerson('owner'))).toMatchObject({
      status: 400,
      body: { errors: [{ field: 'cursor' }] },
    })
  })
})
