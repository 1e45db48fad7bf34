import { createHash, randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { canonical } from './canonical.ts'
import {
  type AuditHouse,
  entriesOf,
  givenTrail,
  itemsOf,
  newEvent,
  newPerson,
  startAuditHouse,
  until,
} from './support.ts'

let audit: AuditHouse
beforeAll(async () => {
  audit = await startAuditHouse()
})
afterAll(() => audit.stop())

describe('reading the trail', () => {
  test('anybody can check the chain from what the API shows', async () => {
    const { person } = await givenTrail(audit, 5)
    const { body } = await audit.get('/audit/events', person)
    let previous = '0'.repeat(64)
    for (const { prev_hash, hash, ...entry } of itemsOf(body).toReversed()) {
      expect(prev_hash).toBe(previous)
      expect(hash).toBe(
        createHash('sha256')
          .update(previous + canonical(entry))
          .digest('hex'),
      )
      previous = hash
    }
    expect(await audit.get('/audit/head', person)).toEqual({ status: 200, body: { seq: 5, hash: previous } })
  })

  test('pages are newest first and stay right while entries are added', async () => {
    const { person } = await givenTrail(audit, 7)
    const seqs: number[] = []
    let cursor = ''
    do {
      const { body } = await audit.get(`/audit/events?limit=3${cursor && `&cursor=${cursor}`}`, person)
      seqs.push(...itemsOf(body).map(({ seq }) => seq))
      cursor = body.next_cursor as string
      await givenTrail(audit, 1, person)
    } while (cursor)
    expect(seqs).toEqual([7, 6, 5, 4, 3, 2, 1])
  })

  test('filters by actor, action, entity and time', async () => {
    const { person, events } = await givenTrail(audit, 2)
    const early = newEvent(person.familyId, { action: 'account.closed', time: '2026-01-01T10:00:00.000Z' })
    await audit.publish(early)
    await entriesOf(audit, person.familyId, 3)
    const ids = async (query: string) =>
      ((await audit.get(`/audit/events?${query}`, person)).body.items as { id: string }[]).map(({ id }) => id)
    expect(await ids('action=account.closed')).toEqual([early.id])
    expect(await ids(`actor_id=${person.userId}`)).toEqual([events[1]!.id, events[0]!.id])
    expect(await ids(`entity_type=account&entity_id=${events[0]!.subject}`)).toEqual([events[0]!.id])
    expect(await ids('from=2026-01-01T10:00:00Z&to=2026-01-01T12:00:00%2B01:00')).toEqual([early.id])
    expect(await ids('to=2026-01-01T10:00:00Z')).toEqual([])
  })

  test('members, children and readers see what they did themselves and nothing else', async () => {
    const { person, events } = await givenTrail(audit, 2)
    for (const role of ['member', 'child', 'read_only'] as const) {
      const someone = newPerson(role, person.familyId)
      const own = newEvent(person.familyId, { actorid: someone.userId })
      await audit.publish(own)
      await until(
        async () => (await audit.get(`/audit/events/${own.id}`, someone)).status === 200,
        'their own entry',
      )
      const { body } = await audit.get('/audit/events', someone)
      expect(itemsOf(body).map(({ id }) => id)).toEqual([own.id])
      expect((await audit.get(`/audit/events/${events[0]!.id}`, someone)).status).toBe(404)
      expect((await audit.get(`/audit/events?actor_id=${person.userId}`, someone)).body.items).toEqual([])
    }
    const adult = newPerson('adult', person.familyId)
    expect((await audit.get('/audit/events', adult)).body.items).toHaveLength(5)
  })

  test('another family has an empty trail and finds nothing of ours', async () => {
    const { events } = await givenTrail(audit, 2)
    const stranger = newPerson('owner')
    expect((await audit.get('/audit/events', stranger)).body).toEqual({ items: [], next_cursor: null })
    expect(await audit.get(`/audit/events/${events[0]!.id}`, stranger)).toMatchObject({
      status: 404,
      body: { code: 'not_found' },
    })
    expect((await audit.get('/audit/events/1', stranger)).status).toBe(404)
    expect((await audit.get('/audit/head', stranger)).body).toEqual({ seq: 0, hash: '0'.repeat(64) })
    expect((await audit.get('/audit/verify', stranger)).body).toMatchObject({ intact: true, entries: 0 })
  })

  test.each([
    ['cursor=abc', 'cursor'],
    ['cursor=a%20b', 'cursor'],
    ['limit=0', 'limit'],
    ['limit=1e2', 'limit'],
    ['action=account.stolen', 'action'],
    ['actor_id=me', 'actor_id'],
    ['from=yesterday', 'from'],
    ['family_id=x', 'family_id'],
  ])('refuses ?%s and names the field', async (query, field) => {
    const answer = await audit.get(`/audit/events?${query}`, newPerson('owner'))
    expect(answer).toMatchObject({
      status: 400,
      body: {
        code: 'invalid_request',
        errors: expect.arrayContaining([expect.objectContaining({ field })]) as unknown,
      },
    })
  })

  test('nobody reads without a token', async () => {
    for (const path of [
      '/audit/events',
      `/audit/events/${randomUUID()}`,
      '/audit/verify',
      '/audit/head',
      '/audit/export',
    ])
      expect(await audit.get(path)).toMatchObject({ status: 401, body: { code: 'unauthenticated' } })
  })
})

test('readiness tells of the database and of the bus', async () => {
  const answer = await until(async () => {
    const response = await fetch(`${audit.house.opsUrls.audit}/readyz`)
    const body = (await response.json()) as { checks: { nats: string } }
    return body.checks.nats === 'ok' && { status: response.status, body }
  }, 'the bus')
  expect(answer).toEqual({
    status: 200,
    body: { status: 'ready', checks: { postgres: 'ok', nats: 'ok', outbox: 'ok', postgres_writes: 'ok' } },
  })
})
