import { randomUUID } from 'node:crypto'
import { anchorSubject } from '@common-purse/contracts'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import {
  anchoredAt,
  anchorRestored,
  anchorsOf,
  cutTo,
  gauge,
  givenAnchoredTrail,
  startAnchoringHouse,
  turn,
  verify,
} from './anchored-trails.ts'
import { type AuditHouse, entriesOf, newEvent } from './support.ts'

let audit: AuditHouse
beforeAll(async () => {
  audit = await startAnchoringHouse()
})
afterAll(() => audit.stop())

const contradicted = () => gauge(audit, 'audit_contradicted_chains')

describe('what is among the anchors and is none', () => {
  const forged = (familyId: string, seq: number) =>
    JSON.stringify({ family_id: familyId, seq, hash: 'a'.repeat(64), at: '2026-05-01T12:00:00.000Z' })

  test('is counted, keeps the chain from being anchored, and is accepted by a command with a reason', async () => {
    const person = await givenAnchoredTrail(audit)
    const before = await contradicted()
    await audit.publishRaw(anchorSubject(person.familyId), '{"seq":6}')
    await audit.publishRaw(anchorSubject(person.familyId), 'hello')
    await audit.publish(newEvent(person.familyId))
    await entriesOf(audit, person.familyId, 7)
    await turn(audit)
    expect(await contradicted()).toBe(before + 1)
    expect(await verify(audit, person)).toMatchObject({ intact: false, entries: 7, first_broken_seq: 7 })
    await entriesOf(audit, person.familyId, 8) // that it was verified
    const reason = 'somebody tried something'
    expect((await anchorRestored(audit, reason)).text).toContain(
      `${person.familyId}: ends at 8, its newest anchor cannot be read; anchored anew`,
    )
    expect(await verify(audit, person)).toMatchObject({ intact: true, first_broken_seq: null })
    const rows = (await entriesOf(audit, person.familyId, 9)) as { action: string; reason: string }[]
    expect(rows[8]).toMatchObject({ action: 'audit.verified', reason, new_values: { anchored_seq: null } })
    await anchoredAt(audit, person.familyId, 10) // and on it goes
    expect(await contradicted()).toBe(before)
  })

  test('hides from nobody who accepts it that the chain also lacks what was anchored', async () => {
    const person = await givenAnchoredTrail(audit)
    await cutTo(audit, person.familyId, 4)
    await audit.publishRaw(anchorSubject(person.familyId), 'hello')
    const { text } = await anchorRestored(audit, 'nobody looked')
    expect(text).toMatch(
      new RegExp(`^${person.familyId}: ends at 4, was anchored at [56]; anchored anew$`, 'm'),
    )
  })

  test.each([
    ['says only a part', () => '{"seq":6}'],
    ['is no JSON', () => 'hello'],
    ['is empty', () => ''],
    ['is not for this family', () => forged(randomUUID(), 6)],
  ])('is said to be a broken trail when it %s', async (_what, payload) => {
    const person = await givenAnchoredTrail(audit)
    await audit.publishRaw(anchorSubject(person.familyId), payload())
    expect(await verify(audit, person)).toMatchObject({ intact: false, entries: 6, first_broken_seq: 7 })
    const recorded = (await entriesOf(audit, person.familyId, 7))[6] as { new_values: unknown }
    expect(recorded.new_values).toMatchObject({ intact: false, anchored_seq: null })
  })

  test("another family's anchor vouches for nobody", async () => {
    const [person, other] = [await givenAnchoredTrail(audit), await givenAnchoredTrail(audit)]
    const anchor = (await anchorsOf(audit, other.familyId)).at(-1)!
    await cutTo(audit, person.familyId, 4)
    await audit.publishRaw(anchorSubject(person.familyId), JSON.stringify(anchor))
    expect(await verify(audit, person)).toMatchObject({ intact: false, entries: 4, first_broken_seq: 5 })
  })
})
