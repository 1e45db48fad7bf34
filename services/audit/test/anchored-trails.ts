import { randomUUID } from 'node:crypto'
import { type Anchor, anchorSubject } from '@common-purse/contracts'
import { createLogger } from '@common-purse/kit/logger'
import { runTool } from '../../../tests/support/run-tool.ts'
import { loadConfig } from '../src/config.ts'
import { startAudit } from '../src/start.ts'
import { type AuditHouse, newEvent, newPerson, type Person, startAuditHouse, until } from './support.ts'

/** A house that anchors every second. */
export const startAnchoringHouse = (env: Record<string, string> = {}) =>
  startAuditHouse({ ANCHOR_SECONDS: '1', ...env })

/** One more audit service in the same house, on the same bus unless another way to it is given. */
export function startAnother({ house }: AuditHouse, env: Record<string, string> = {}) {
  const settings = { ...house.env, ANCHOR_SECONDS: '1', DATABASE_URL: house.database.urlOf('audit'), ...env }
  return startAudit(loadConfig(settings), createLogger('audit', 'silent'))
}

/** The family's anchors on the bus, oldest first. */
export async function anchorsOf({ bus }: AuditHouse, familyId: string): Promise<Anchor[]> {
  const found: Anchor[] = []
  const { state } = await bus.jsm.streams.info(bus.stream('ANCHORS'))
  for (let seq = 1; seq <= state.last_seq; seq++) {
    const message = await bus.jsm.streams.getMessage(bus.stream('ANCHORS'), { seq })
    if (message?.subject === bus.subject(anchorSubject(familyId))) found.push(message.json())
  }
  return found
}

const lastSeq = async ({ bus }: AuditHouse, familyId: string): Promise<number> => {
  const query = { last_by_subj: bus.subject(anchorSubject(familyId)) }
  const message = await bus.jsm.streams.getMessage(bus.stream('ANCHORS'), query)
  return message?.json<Anchor>().seq ?? 0
}

export const anchoredAt = (audit: AuditHouse, familyId: string, seq: number) =>
  until(async () => (await lastSeq(audit, familyId)) >= seq, `an anchor at ${seq}`)

/** Trails that grew in two steps, each anchored: at 3 and at 6, and perhaps in between. */
async function growTrails(audit: AuditHouse, count: number): Promise<Person[]> {
  const people = Array.from({ length: count }, () => newPerson('owner'))
  for (const seq of [3, 6]) {
    for (let n = 0; n < 3; n++)
      await audit.publish(...people.map(({ familyId, userId }) => newEvent(familyId, { actorid: userId })))
    for (const { familyId } of people) await anchoredAt(audit, familyId, seq)
  }
  return people
}

const unused = new Map<AuditHouse, Person[]>()

/** The owner of a trail of six entries that is anchored, and nobody else's. */
export async function givenAnchoredTrail(audit: AuditHouse): Promise<Person> {
  const people = unused.get(audit) ?? []
  if (people.length === 0) people.push(...(await growTrails(audit, 15)))
  unused.set(audit, people)
  return people.pop()!
}

/** Waits until everything that has grown by now was looked at: a later trail is anchored. */
export async function turn(audit: AuditHouse): Promise<void> {
  const event = newEvent(randomUUID())
  await audit.publish(event)
  await anchoredAt(audit, event.familyid, 1)
}

/** As a superuser who has switched the triggers off. */
export async function tamper({ admin }: AuditHouse, sql: string, values: unknown[]): Promise<void> {
  await admin.query('ALTER TABLE event_log DISABLE TRIGGER event_log_append_only')
  await admin.query(sql, values)
  await admin.query('ALTER TABLE event_log ENABLE ALWAYS TRIGGER event_log_append_only')
}

/** Removes the trail's tail after `seq`, and sets back where it ends. */
export async function cutTo(audit: AuditHouse, familyId: string, seq: number): Promise<void> {
  await tamper(audit, 'DELETE FROM event_log WHERE family_id = $1 AND seq > $2', [familyId, seq])
  await audit.admin.query(
    `UPDATE chain_heads SET seq = $2, hash = coalesce(
       (SELECT hash FROM event_log WHERE family_id = $1 AND seq = $2), repeat('0', 64)) WHERE family_id = $1`,
    [familyId, seq],
  )
}

export const verify = async (audit: AuditHouse, person: Person): Promise<unknown> =>
  (await audit.get('/audit/verify', person)).body

/** A gauge of the service, as a number. */
export async function gauge({ house }: AuditHouse, name: string): Promise<number> {
  const metrics = await (await fetch(`${house.opsUrls.audit}/metrics`)).text()
  return Number(new RegExp(`^${name}\\S* (\\d+)`, 'm').exec(metrics)![1])
}

export const anchorRestored = ({ house }: AuditHouse, reason: string) =>
  runTool('anchor-restored', ['--reason', reason], {
    DATABASE_URL: house.database.urlOf('audit'),
    NATS_URL: house.env['NATS_URL']!,
    NATS_PREFIX: house.env['NATS_PREFIX']!,
  })
