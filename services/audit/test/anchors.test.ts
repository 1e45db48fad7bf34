import { createHash, randomUUID } from 'node:crypto'
import { type Anchor, anchorSubject } from '@common-purse/contracts'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { startAudit } from '../src/start.ts'
import { loadConfig } from '../src/config.ts'
import { createLogger } from '@common-purse/kit/logger'
import { runTool } from '../../../tests/support/run-tool.ts'
import { through } from '../../../tests/support/gateway-beside.ts'
import { startTcpProxy } from '../../gateway/test/support/tcp-proxy.ts'
import { canonical } from './canonical.ts'
import {
  type AuditHouse,
  entriesOf,
  newEvent,
  newPerson,
  type Person,
  startAuditHouse,
  until,
} from './support.ts'

let audit: AuditHouse
beforeAll(async () => {
  audit = await startAuditHouse({ ANCHOR_SECONDS: '1' })
})
afterAll(() => audit.stop())

/** One more audit service in the same house, on the same bus unless another way to it is given. */
const startAnother = (env: Record<string, string> = {}) => {
  const { house } = audit
  const settings = { ...house.env, ANCHOR_SECONDS: '1', DATABASE_URL: house.database.urlOf('audit'), ...env }
  return startAudit(loadConfig(settings), createLogger('audit', 'silent'))
}

/** The family's anchors on the bus, oldest first. */
async function anchorsOf(familyId: string): Promise<Anchor[]> {
  const { bus } = audit
  const found: Anchor[] = []
  const { state } = await bus.jsm.streams.info(bus.stream('ANCHORS'))
  for (let seq = 1; seq <= state.last_seq; seq++) {
    const message = await bus.jsm.streams.getMessage(bus.stream('ANCHORS'), { seq })
    if (message?.subject === bus.subject(anchorSubject(familyId))) found.push(message.json())
  }
  return found
}

const lastSeq = async (familyId: string): Promise<number> => {
  const { bus } = audit
  const query = { last_by_subj: bus.subject(anchorSubject(familyId)) }
  const message = await bus.jsm.streams.getMessage(bus.stream('ANCHORS'), query)
  return message?.json<Anchor>().seq ?? 0
}

const anchoredAt = (familyId: string, seq: number) =>
  until(async () => (await lastSeq(familyId)) >= seq, `an anchor at ${seq}`)

/** Trails that grew in two steps, each anchored: at 3 and at 6, and perhaps in between. */
async function growTrails(count: number): Promise<Person[]> {
  const people = Array.from({ length: count }, () => newPerson('owner'))
  for (const seq of [3, 6]) {
    for (let n = 0; n < 3; n++)
      await audit.publish(...people.map(({ familyId, userId }) => newEvent(familyId, { actorid: userId })))
    for (const { familyId } of people) await anchoredAt(familyId, seq)
  }
  return people
}

const unused: Person[] = []
async function givenAnchoredTrail(): Promise<Person> {
  if (unused.length === 0) unused.push(...(await growTrails(15)))
  return unused.pop()!
}

/** Waits until everything that has grown by now was looked at: a later trail is anchored. */
async function turn(): Promise<void> {
  const event = newEvent(randomUUID())
  await audit.publish(event)
  await anchoredAt(event.familyid, 1)
}

/** As a superuser who has switched the triggers off. */
async function tamper(sql: string, values: unknown[]): Promise<void> {
  await audit.admin.query('ALTER TABLE event_log DISABLE TRIGGER event_log_append_only')
  await audit.admin.query(sql, values)
  await audit.admin.query('ALTER TABLE event_log ENABLE ALWAYS TRIGGER event_log_append_only')
}

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
      'UPDATE event_log SET reason = $3, prev_hash = $4, hash = $5 WHERE family_id = $1 AND seq = $2',
      [familyId, entry['seq'], forged['reason'], previous, hash],
    )
    previous = hash
  }
  await audit.admin.query('UPDATE chain_heads SET hash = $2 WHERE family_id = $1', [familyId, previous])
}

const cutTo = async (familyId: string, seq: number) => {
  await tamper('DELETE FROM event_log WHERE family_id = $1 AND seq > $2', [familyId, seq])
  await audit.admin.query(
    `UPDATE chain_heads SET seq = $2, hash = coalesce(
       (SELECT hash FROM event_log WHERE family_id = $1 AND seq = $2), repeat('0', 64)) WHERE family_id = $1`,
    [familyId, seq],
  )
}

const verify = async (person: Person) => (await audit.get('/audit/verify', person)).body as unknown

test('a grown chain is anchored with its head, and again when it grew more', async () => {
  const person = await givenAnchoredTrail()
  const { rows } = await audit.admin.query<{ seq: string; hash: string }>(
    'SELECT seq, hash FROM event_log WHERE family_id = $1 ORDER BY seq',
    [person.familyId],
  )
  const anchors = await anchorsOf(person.familyId)
  expect(anchors.at(-1)!.seq).toBe(6)
  for (const { seq, hash } of anchors) expect(rows[seq - 1]!.hash).toBe(hash)
  const seqs = anchors.map(({ seq }) => seq)
  expect(seqs).toEqual([...new Set(seqs)].toSorted((one, other) => one - other))
  expect(await verify(person)).toMatchObject({ intact: true, entries: 6, first_broken_seq: null })
  const recorded = (await entriesOf(audit, person.familyId, 7))[6] as { new_values: unknown }
  expect(recorded.new_values).toMatchObject({ intact: true, anchored_seq: 6 })
})

test('what a crash left unmarked is marked, and not anchored twice', async () => {
  const person = await givenAnchoredTrail()
  const anchors = await anchorsOf(person.familyId)
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
  expect(await anchorsOf(person.familyId)).toEqual(anchors)
})

test('an anchor that cannot be read is no reason to call a trail intact, and holds up nobody else', async () => {
  const person = await givenAnchoredTrail()
  await audit.publishRaw(anchorSubject(person.familyId), '{"seq":6}')
  expect(await audit.get('/audit/verify', person)).toMatchObject({
    status: 503,
    body: { code: 'upstream_unavailable' },
  })
  await audit.publish(newEvent(person.familyId))
  await entriesOf(audit, person.familyId, 7)
  await turn()
})

test('anchors can be neither deleted nor purged', async () => {
  await givenAnchoredTrail()
  const { jsm, stream } = audit.bus
  await expect(jsm.streams.deleteMessage(stream('ANCHORS'), 1)).rejects.toThrow()
  await expect(jsm.streams.purge(stream('ANCHORS'))).rejects.toThrow()
})

describe('what the database alone would not tell', () => {
  test('a removed tail whose head was rolled back is found, also after the chain grew again', async () => {
    const person = await givenAnchoredTrail()
    await cutTo(person.familyId, 4)
    expect(await verify(person)).toMatchObject({ intact: false, entries: 4, first_broken_seq: 5 })
    for (let n = 0; n < 4; n++) await audit.publish(newEvent(person.familyId))
    await entriesOf(audit, person.familyId, 8)
    // Grown beyond what was anchored: it must not be anchored anew, or nobody would see it any more.
    await turn()
    expect((await anchorsOf(person.familyId)).at(-1)!.seq).toBe(6)
    expect(await verify(person)).toMatchObject({ intact: false })
    const metrics = await (await fetch(`${audit.house.opsUrls.audit}/metrics`)).text()
    expect(Number(/^audit_contradicted_chains\S* (\d+)/m.exec(metrics)![1])).toBeGreaterThan(0)
  })

  test('a whole trail that was removed is found', async () => {
    const person = await givenAnchoredTrail()
    await cutTo(person.familyId, 0)
    await audit.admin.query('DELETE FROM chain_heads WHERE family_id = $1', [person.familyId])
    expect(await verify(person)).toMatchObject({ intact: false, entries: 0, first_broken_seq: 1 })
  })

  test.each([1, 4, 6])('a chain that was written anew from entry %i on is found', async (seq) => {
    const person = await givenAnchoredTrail()
    const anchors = await anchorsOf(person.familyId)
    await rewriteFrom(person.familyId, seq)
    const lastHeld = anchors.filter((anchor) => anchor.seq < seq).at(-1)?.seq ?? 0
    // Nobody knows more than that what was anchored before is as it was.
    expect(await verify(person)).toMatchObject({ intact: false, entries: 6, first_broken_seq: lastHeld + 1 })
  })

  test('a later anchor is not what a forger needs: an older one still speaks', async () => {
    const person = await givenAnchoredTrail()
    await rewriteFrom(person.familyId, 2)
    const { rows } = await audit.admin.query<{ hash: string }>(
      'SELECT hash FROM chain_heads WHERE family_id = $1',
      [person.familyId],
    )
    await audit.admin.query('UPDATE chain_heads SET anchored_seq = 0 WHERE family_id = $1', [person.familyId])
    await turn()
    expect((await anchorsOf(person.familyId)).map(({ hash }) => hash)).not.toContain(rows[0]!.hash)
    expect(await verify(person)).toMatchObject({ intact: false })
  })
})

test('after a restore the chains are anchored anew by a command, which their trails and anchors say', async () => {
  const [cut, broken] = [await givenAnchoredTrail(), await givenAnchoredTrail()]
  await cutTo(cut.familyId, 4)
  await cutTo(broken.familyId, 5)
  await tamper('UPDATE event_log SET reason = $2 WHERE family_id = $1 AND seq = 2', [
    broken.familyId,
    'forged',
  ])
  const reason = 'restored the backup of noon'
  const run = await runTool('anchor-restored', ['--reason', reason], {
    DATABASE_URL: audit.house.database.urlOf('audit'),
    NATS_URL: audit.house.env['NATS_URL']!,
    NATS_PREFIX: audit.house.env['NATS_PREFIX']!,
  })
  expect(run.code).toBe(1) // for the one that is broken in itself
  expect(run.text).toContain(`${cut.familyId}: ends at 4, was anchored at 6; anchored anew`)
  expect(run.text).toContain(`${broken.familyId}: ends at 5, was anchored at 6; broken at 2, left as it is`)
  expect((await anchorsOf(cut.familyId)).filter((anchor) => anchor.reason === reason)).toMatchObject([
    { seq: 4 },
  ])
  const rows = (await entriesOf(audit, cut.familyId, 5)) as { action: string; reason: string }[]
  expect(rows[4]).toMatchObject({ action: 'audit.verified', reason, new_values: { anchored_seq: 6 } })
  expect(await verify(cut)).toMatchObject({ intact: true, first_broken_seq: null })
  expect(await verify(broken)).toMatchObject({ intact: false, first_broken_seq: 2 })
  // And on it goes from there.
  await anchoredAt(cut.familyId, 5)
})

test('two replicas anchor together, and no anchor ever goes back', async () => {
  const other = await startAnother()
  try {
    const families = Array.from({ length: 5 }, () => randomUUID())
    for (let seq = 1; seq <= 20; seq++) await audit.publish(...families.map((id) => newEvent(id)))
    for (const id of families) {
      await entriesOf(audit, id, 20)
      await anchoredAt(id, 20)
      const seqs = (await anchorsOf(id)).map(({ seq }) => seq)
      expect(seqs).toEqual([...new Set(seqs)].toSorted((one, another) => one - another))
    }
  } finally {
    await other.stop()
  }
})

test('while the bus is away nothing is called intact, and afterwards it is', async () => {
  const person = await givenAnchoredTrail()
  const nats = new URL(audit.house.env['NATS_URL']!)
  const proxy = await startTcpProxy({ host: nats.hostname, port: Number(nats.port) })
  const other = await startAnother({ NATS_URL: through(nats, proxy), JWKS_URL: audit.jwksUrl })
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
