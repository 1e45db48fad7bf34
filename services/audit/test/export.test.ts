import type { AuditEvent, AuditExportHeader } from '@common-purse/contracts'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { verifyTrail } from '../../../tools/verify-export/verify-trail.ts'
import { type AuditHouse, entriesOf, newEvent, newPerson, type Person, startAuditHouse } from './support.ts'

let audit: AuditHouse
beforeAll(async () => {
  audit = await startAuditHouse()
})
afterAll(() => audit.stop())

async function givenTrail(count: number): Promise<Person> {
  const person = newPerson('owner')
  await audit.publish(
    ...Array.from({ length: count }, () => newEvent(person.familyId, { actorid: person.userId })),
  )
  await entriesOf(audit, person.familyId, count)
  return person
}

const exported = async (person?: Person, query = '') =>
  fetch(`${audit.house.urls.audit}/api/v1/audit/export${query}`, {
    headers: person ? { authorization: `Bearer ${await audit.token(person)}` } : {},
  })

const linesOf = async (person: Person) => (await (await exported(person)).text()).split('\n').slice(0, -1)

async function* each(lines: string[]) {
  yield* lines
}

describe('exporting the trail', () => {
  test('answers a header and every entry as the API shows it, oldest first, which a checker of its own finds intact', async () => {
    const person = await givenTrail(7)
    const answer = await exported(person)
    expect(answer.status).toBe(200)
    expect(answer.headers.get('content-type')).toMatch(/^application\/x-ndjson/)
    expect(answer.headers.get('content-disposition')).toBe('attachment; filename="trail.ndjson"')
    const lines = (await answer.text()).split('\n')
    expect(lines.pop()).toBe('')
    const [header, ...entries] = lines.map((line) => JSON.parse(line) as AuditEvent)
    const { items } = (await audit.get('/audit/events?limit=100', person)).body as { items: AuditEvent[] }
    expect(entries).toEqual(items.filter(({ seq }) => seq <= 7).toReversed())
    expect(header as unknown as AuditExportHeader).toEqual({
      format: 'common-purse-trail',
      version: 1,
      family_id: person.familyId,
      exported_at: expect.any(String) as unknown,
      head: { seq: 7, hash: entries.at(-1)!.hash },
    })
    expect(await verifyTrail(each(lines))).toMatchObject({ entries: 7, broken: undefined })
  })

  test('goes on over many pages, and holds what each export before it left', async () => {
    const person = await givenTrail(1_100)
    await linesOf(person)
    const [row] = (await entriesOf(audit, person.familyId, 1_101)).slice(-1) as Record<string, unknown>[]
    expect(row).toMatchObject({
      action: 'audit.exported',
      actor_id: person.userId,
      entity_type: 'chain',
      entity_id: person.familyId,
      version: 1,
      new_values: { entries: 1_100, head: { seq: 1_100 } },
    })
    const { rows } = await audit.admin.query('SELECT id FROM outbox WHERE family_id = $1', [person.familyId])
    expect(rows).toEqual([{ id: row!['event_id'] }])
    const lines = await linesOf(person)
    expect(lines).toHaveLength(1_102)
    expect(await verifyTrail(each(lines))).toMatchObject({ entries: 1_101, broken: undefined })
  })

  test('of a trail that was changed shows that it was', async () => {
    const person = await givenTrail(5)
    await audit.admin.query('ALTER TABLE event_log DISABLE TRIGGER event_log_append_only')
    await audit.admin.query(`UPDATE event_log SET reason = 'forged' WHERE family_id = $1 AND seq = 3`, [
      person.familyId,
    ])
    await audit.admin.query('ALTER TABLE event_log ENABLE ALWAYS TRIGGER event_log_append_only')
    expect((await verifyTrail(each(await linesOf(person)))).broken).toMatchObject({ seq: 3 })
  })

  test('is for owners and adults; others leave nothing behind by asking', async () => {
    const { familyId } = await givenTrail(1)
    for (const role of ['member', 'child', 'read_only'] as const) {
      const answer = await exported(newPerson(role, familyId))
      expect(answer.status).toBe(403)
      expect(await answer.json()).toMatchObject({ code: 'permission_denied' })
    }
    const { rows } = await audit.admin.query('SELECT id FROM outbox WHERE family_id = $1', [familyId])
    expect(rows).toEqual([])
    expect(await linesOf(newPerson('adult', familyId))).toHaveLength(2)
  })

  test('refuses who is nobody, and parameters that it does not know', async () => {
    expect(await (await exported()).json()).toMatchObject({ status: 401, code: 'unauthenticated' })
    const answer = await exported(newPerson('owner'), '?format=csv')
    expect(answer.status).toBe(400)
    expect(await answer.json()).toMatchObject({ code: 'invalid_request', errors: [{ field: 'format' }] })
  })

  test('of another family has nothing of ours', async () => {
    await givenTrail(3)
    const lines = await linesOf(newPerson('owner'))
    expect(lines.map((line) => JSON.parse(line) as AuditExportHeader)).toMatchObject([{ head: { seq: 0 } }])
  })
})
