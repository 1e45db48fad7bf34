import { createHash, randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { through } from '../../../tests/support/gateway-beside.ts'
import { startTcpProxy } from '../../gateway/test/support/tcp-proxy.ts'
import {
  anchoredAt,
  anchorRestored,
  anchorsOf,
  cutTo,
  gauge,
  givenAnchoredTrail,
  startAnchoringHouse,
  startAnother,
  tamper,
  turn,
  verify,
} from './anchored-trails.ts'
import { canonical } from './canonical.ts'
import { type AuditHouse, entriesOf, newEvent, newPerson, until } from './support.ts'

let audit: AuditHouse
beforeAll(async () => {
  audit = await startAnchoringHouse()
})
afterAll(() => audit.stop())

/** Writes the chain anew from an entry on, so that every hash fits again, and the head too. */
async function rewriteFrom(familyId: string, seq: number): Promise<void> {
  const { rows } = await audit.admin.query<{ seq: string; hash: string }>(
    'SELECT seq, hash FROM event_log WHERE family_id = $1 ORDER BY seq',
    [familyId],
  )
  const { body } = await audit.get('/audit/events?limit=100', newPerson('owner', familyId))
  const entries = (body as { items: Record<string, unknown>[] }).items.toReversed()
  let previous = rows[seq - 2]?.hash ?? '0'.repeat(64)
  for (const { prev_hash: _prev, hash: _hash, ...entry } of entries.slice(seq - 1)) {
    const forged = entry['seq'] === seq ? { ...entry, reason: 'forged' } : entry
    const hash = createHash('sha256')
      .update(previous + canonical(forged))
      .digest('hex')
    await tamper(
      audit,
      'UPDATE event_log SET reason = $3, prev_hash = $4, hash = $5 WHERE family_id = $1 AND seq = $2',
      [familyId, entry['seq'], forged['reason'], previous, hash],
    )
    previous = hash
  }
  await audit.admin.query('UPDATE chain_heads SET hash = $2 WHERE family_id = $1', [familyId, previous])
}

test('a grown chain is anchored with its head, and again when it grew more', async () => {
  const person = await givenAnchoredTrail(audit)
  const { rows } = await audit.admin.query<{ seq: string; hash: string }>(
    'SELECT seq, hash FROM event_log WHERE family_id = $1 ORDER BY seq',
    [person.familyId],
  )
  const anchors = await anchorsOf(audit, person.familyId)
  expect(anchors.at(-1)!.seq).toBe(6)
  for (const { seq, hash } of anchors) expect(rows[seq - 1]!.hash).toBe(hash)
  const seqs = anchors.map(({ seq }) => seq)
  expect(seqs).toEqual([...new Set(seqs)].toSorted((one, other) => one - other))
  expect(await verify(audit, person)).toMatchObject({ intact: true, entries: 6, first_broken_seq: null })
  const recorded = (await entriesOf(audit, person.familyId, 7))[6] as { new_values: unknown }
  expect(recorded.new_values).toMatchObject({ intact: true, anchored_seq: 6 })
})

test('what a crash left unmarked is marked, and not anchored twice', async () => {
  const person = await givenAnchoredTrail(audit)
  const anchors = await anchorsOf(audit, person.familyId)
  const anchoredSeq = async () => {
    const { rows } = await audit.admin.query<{ seq: string }>(
      'SELECT anchored_seq AS seq FROM chain_heads WHERE family_id = $1',
      [person.familyId],
    )
    return Number(rows[0]!.seq)
  }
  await until(async () => (await anchoredSeq()) === 6, 'the mark')
  await audit.admin.query('UPDATE chain_heads SET anchored_seq = 0 WHERE family_id = $1', [person.familyId])
  await until(async () => (await anchoredSeq()) === 6, 'the mark again')
  expect(await anchorsOf(audit, person.familyId)).toEqual(anchors)
})

test('anchors can be neither deleted nor purged', async () => {
  await givenAnchoredTrail(audit)
  const { jsm, stream } = audit.bus
  await expect(jsm.streams.deleteMessage(stream('ANCHORS'), 1)).rejects.toThrow()
  await expect(jsm.streams.purge(stream('ANCHORS'))).rejects.toThrow()
})

describe('what the database alone would not tell', () => {
  test('a removed tail whose head was rolled back is found, also after the chain grew again', async () => {
    const person = await givenAnchoredTrail(audit)
    await cutTo(audit, person.familyId, 4)
    expect(await verify(audit, person)).toMatchObject({ intact: false, entries: 4, first_broken_seq: 5 })
    for (let n = 0; n < 4; n++) await audit.publish(newEvent(person.familyId))
    await entriesOf(audit, person.familyId, 8)
    // Grown beyond what was anchored: it must not be anchored anew, or nobody would see it any more.
    await turn(audit)
    expect((await anchorsOf(audit, person.familyId)).at(-1)!.seq).toBe(6)
    expect(await verify(audit, person)).toMatchObject({ intact: false })
    expect(await gauge(audit, 'audit_contradicted_chains')).toBeGreaterThan(0)
  })

  test('a whole trail that was removed is found', async () => {
    const person = await givenAnchoredTrail(audit)
    await cutTo(audit, person.familyId, 0)
    await audit.admin.query('DELETE FROM chain_heads WHERE family_id = $1', [person.familyId])
    expect(await verify(audit, person)).toMatchObject({ intact: false, entries: 0, first_broken_seq: 1 })
  })

  test.each([1, 4, 6])('a chain that was written anew from entry %i on is found', async (seq) => {
    const person = await givenAnchoredTrail(audit)
    const anchors = await anchorsOf(audit, person.familyId)
    await rewriteFrom(person.familyId, seq)
    const lastHeld = anchors.filter((anchor) => anchor.seq < seq).at(-1)?.seq ?? 0
    // Nobody knows more than that what was anchored before is as it was.
    expect(await verify(audit, person)).toMatchObject({
      intact: false,
      entries: 6,
      first_broken_seq: lastHeld + 1,
    })
  })

  test('a later anchor is not what a forger needs: an older one still speaks', async () => {
    const person = await givenAnchoredTrail(audit)
    await rewriteFrom(person.familyId, 2)
    const { rows } = await audit.admin.query<{ hash: string }>(
      'SELECT hash FROM chain_heads WHERE family_id = $1',
      [person.familyId],
    )
    await audit.admin.query('UPDATE chain_heads SET anchored_seq = 0 WHERE family_id = $1', [person.familyId])
    await turn(audit)
    expect((await anchorsOf(audit, person.familyId)).map(({ hash }) => hash)).not.toContain(rows[0]!.hash)
    expect(await verify(audit, person)).toMatchObject({ intact: false })
  })
})

test('after a restore the chains are anchored anew by a command, which their trails and anchors say', async () => {
  const [cut, broken] = [await givenAnchoredTrail(audit), await givenAnchoredTrail(audit)]
  await cutTo(audit, cut.familyId, 4)
  await cutTo(audit, broken.familyId, 5)
  await tamper(audit, 'UPDATE event_log SET reason = $2 WHERE family_id = $1 AND seq = 2', [
    broken.familyId,
    'forged',
  ])
  const reason = 'restored the backup of noon'
  const run = await anchorRestored(audit, reason)
  expect(run.code).toBe(1) // for the one that is broken in itself
  expect(run.text).toContain(`${cut.familyId}: ends at 4, was anchored at 6; anchored anew`)
  expect(run.text).toContain(`${broken.familyId}: ends at 5, was anchored at 6; broken at 2, left as it is`)
  expect((await anchorsOf(audit, cut.familyId)).filter((anchor) => anchor.reason === reason)).toMatchObject([
    { seq: 4 },
  ])
  const rows = (await entriesOf(audit, cut.familyId, 5)) as { action: string; reason: string }[]
  expect(rows[4]).toMatchObject({ action: 'audit.verified', reason, new_values: { anchored_seq: 6 } })
  expect(await verify(audit, cut)).toMatchObject({ intact: true, first_broken_seq: null })
  expect(await verify(audit, broken)).toMatchObject({ intact: false, first_broken_seq: 2 })
  // And on it goes from there.
  await anchoredAt(audit, cut.familyId, 5)
})

test('two replicas anchor together, and no anchor ever goes back', async () => {
  const other = await startAnother(audit)
  try {
    const families = Array.from({ length: 5 }, () => randomUUID())
    for (let seq = 1; seq <= 20; seq++) await audit.publish(...families.map((id) => newEvent(id)))
    for (const id of families) {
      await entriesOf(audit, id, 20)
      await anchoredAt(audit, id, 20)
      const seqs = (await anchorsOf(audit, id)).map(({ seq }) => seq)
      expect(seqs).toEqual([...new Set(seqs)].toSorted((one, another) => one - another))
    }
  } finally {
    await other.stop()
  }
})

test('while the bus is away nothing is called intact, and afterwards it is', async () => {
  const person = await givenAnchoredTrail(audit)
  const nats = new URL(audit.house.env['NATS_URL']!)
  const proxy = await startTcpProxy({ host: nats.hostname, port: Number(nats.port) })
  const other = await startAnother(audit, { NATS_URL: through(nats, proxy), JWKS_URL: audit.jwksUrl })
  const verifyThere = async () => {
    const headers = { authorization: `Bearer ${await audit.token(person)}` }
    const answer = await fetch(`${other.url}/api/v1/audit/verify`, { headers })
    return { status: answer.status, retry: answer.headers.get('retry-after'), body: await answer.json() }
  }
  const deeds = async () =>
    (await audit.admin.query('SELECT id FROM outbox WHERE family_id = $1', [person.familyId])).rowCount
  try {
    const isIntact = async () => (await verifyThere()).status === 200
    await until(isIntact, 'the bus')
    const before = await deeds()
    proxy.cut()
    expect(await verifyThere()).toMatchObject({
      status: 503,
      retry: '1',
      body: { code: 'upstream_unavailable' },
    })
    expect(await deeds()).toBe(before)
    proxy.heal()
    await until(isIntact, 'the bus again')
  } finally {
    await other.stop()
    await proxy.stop()
  }
})
