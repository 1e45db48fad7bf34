import { createHash } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { close, head, sendRaw } from '../../../tests/support/raw-http.ts'
import { canonical } from './canonical.ts'
import { type AuditHouse, entriesOf, givenTrail, itemsOf, newPerson, startAuditHouse } from './support.ts'

let audit: AuditHouse
beforeAll(async () => {
  audit = await startAuditHouse()
})
afterAll(() => audit.stop())

describe('verifying the trail', () => {
  test('each verification is itself an entry', async () => {
    const { person } = await givenTrail(audit, 3)
    const first = await audit.get('/audit/verify', person)
    expect(first.body).toMatchObject({ intact: true, entries: 3, head: { seq: 3 }, first_broken_seq: null })
    await entriesOf(audit, person.familyId, 4)
    await audit.get('/audit/verify', person)
    const rows = await entriesOf(audit, person.familyId, 5)
    expect(rows.slice(3)).toMatchObject([
      {
        action: 'audit.verified',
        entity_type: 'chain',
        entity_id: person.familyId,
        version: 1,
        actor_id: person.userId,
      },
      { action: 'audit.verified', version: 2, new_values: { intact: true, entries: 4 } },
    ])
    const { rows: outbox } = await audit.admin.query(
      'SELECT id FROM outbox WHERE family_id = $1 ORDER BY seq',
      [person.familyId],
    )
    expect(outbox.map(({ id }) => id as string)).toEqual(
      rows.slice(3).map(({ event_id }) => event_id as string),
    )
  })

  test('many who verify at once are all answered, and each is on record', async () => {
    const { person } = await givenTrail(audit, 3)
    const others = (['adult', 'member', 'child'] as const).map((role) => newPerson(role, person.familyId))
    const answers = await Promise.all(
      Array.from({ length: 24 }, (_, n) => audit.get('/audit/verify', [person, ...others][n % 4])),
    )
    for (const { status, body } of answers) {
      expect(status).toBe(200)
      expect(body).toMatchObject({ intact: true, first_broken_seq: null })
    }
    const rows = (await entriesOf(audit, person.familyId, 27)) as { version: number }[]
    expect(rows.slice(3).map(({ version }) => version)).toEqual(Array.from({ length: 24 }, (_, n) => n + 1))
  })

  const resealed = (familyId: string, seq: number) => async () => {
    // A forger who knows the rules: changes an entry and gives it a hash that fits.
    const { body } = await audit.get('/audit/events', newPerson('owner', familyId))
    const { prev_hash, hash: _hash, ...entry } = itemsOf(body).find(({ seq: itsSeq }) => itsSeq === seq)!
    const forged = createHash('sha256')
      .update(prev_hash + canonical({ ...entry, reason: 'forged' }))
      .digest('hex')
    await audit.admin.query(
      `UPDATE event_log SET reason = 'forged', hash = $3 WHERE family_id = $1 AND seq = $2`,
      [familyId, seq, forged],
    )
  }
  const sql = (text: string) => (familyId: string) => async () =>
    void (await audit.admin.query(text, [familyId]))

  test.each([
    [
      'an altered entry',
      3,
      sql(`UPDATE event_log SET new_values = '{"name":"Safe"}' WHERE family_id = $1 AND seq = 3`),
    ],
    [
      'an altered time',
      2,
      sql(
        `UPDATE event_log SET occurred_at = occurred_at + interval '1 ms' WHERE family_id = $1 AND seq = 2`,
      ),
    ],
    ['a removed entry', 4, sql('DELETE FROM event_log WHERE family_id = $1 AND seq = 4')],
    ['a removed beginning', 1, sql('DELETE FROM event_log WHERE family_id = $1 AND seq <= 2')],
    ['a removed tail', 5, sql('DELETE FROM event_log WHERE family_id = $1 AND seq >= 5')],
    ['everything removed', 1, sql('DELETE FROM event_log WHERE family_id = $1')],
    [
      'a wrong link',
      2,
      sql(`UPDATE event_log SET prev_hash = repeat('1', 64) WHERE family_id = $1 AND seq = 2`),
    ],
    ['an entry with its hash made to fit', 4, (familyId: string) => resealed(familyId, 3)],
    ['the last entry with its hash made to fit', 6, (familyId: string) => resealed(familyId, 6)],
    [
      'an entry added past the head',
      6,
      sql(
        'UPDATE chain_heads SET seq = 5, hash = (SELECT hash FROM event_log WHERE family_id = $1 AND seq = 5) WHERE family_id = $1',
      ),
    ],
  ])('finds %s', async (_, brokenSeq, tamper) => {
    const { person } = await givenTrail(audit, 6)
    await audit.admin.query('ALTER TABLE event_log DISABLE TRIGGER event_log_append_only')
    await tamper(person.familyId)()
    await audit.admin.query('ALTER TABLE event_log ENABLE ALWAYS TRIGGER event_log_append_only')
    const { body } = await audit.get('/audit/verify', person)
    expect(body).toMatchObject({ intact: false, first_broken_seq: brokenSeq })
  })
})

test('an action that has another name in the database is shown by that, and verified as broken', async () => {
  const { person } = await givenTrail(audit, 2)
  const rename = (from: string, to: string) =>
    audit.admin.query(`ALTER TYPE event_action RENAME VALUE '${from}' TO '${to}'`)
  await rename('account.created', 'account.conjured')
  try {
    // No documented answer, so it is not asked for with `fetch`, of which all answers have to be.
    const authorization = `authorization: Bearer ${await audit.token(person)}`
    const request = head('GET /api/v1/audit/events?limit=1 HTTP/1.1', 'host: audit', close, authorization)
    const { status, body } = await sendRaw(audit.house.urls.audit, request)
    expect({ status, body }).toEqual({
      status: 200,
      body: expect.stringContaining('"action":"account.conjured"') as unknown,
    })
    expect((await audit.get('/audit/events?action=account.created', person)).body.items).toEqual([])
    expect((await audit.get('/audit/verify', person)).body).toMatchObject({ first_broken_seq: 1 })
  } finally {
    await rename('account.conjured', 'account.created')
  }
})
