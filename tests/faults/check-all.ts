import type pg from 'pg'
import {
  checkAnswers,
  checkDatabase,
  checkTold,
  checkTrail,
  type Violation,
} from '../invariants/check-invariants.ts'
import { checkChains } from '../invariants/check-chains.ts'
import { fromAnOutbox, inOrder, keptAsideNothing } from '../invariants/trail-invariants.ts'
import { checkAccessLog, checkNonces, type SentRequest } from '../invariants/check-requests.ts'
import { toldBalances, type RandomFamily } from '../invariants/random-run.ts'
import { checkRole, checkUnchanged, type Moment } from '../invariants/unchanged-rows.ts'
import type { Seen } from './client.ts'
import { type Attempt, decideAttempt, type Downtime } from './decide-attempt.ts'
import type { FaultHouse } from './house.ts'
import { clientAt } from './load.ts'

export interface Evidence {
  /** All families of the house, those of the load first. */
  families: RandomFamily[]
  seen: Seen
  downtimes: Downtime[]
  /** What was there before each fault. */
  before: Moment[]
  /** So many messages were put on the bus that have to be kept aside. */
  keptAside?: number
  /** Ids of events, and entities with theirs, that a restored database has lost: the trail tells of them all the same. */
  lost?: ReadonlySet<string>
}

/** I1–I12, and what the clients saw meanwhile. Each line of the answer is something that must not be. */
export async function checkAll(house: FaultHouse, evidence: Evidence): Promise<string[]> {
  const { families, seen, downtimes, before, keptAside = 0, lost } = evidence
  const told = await toldBalances(families)
  const sent = seen.attempts.map(toSentRequest)
  const violations = await house.withSql(async (sql) => [
    ...(await checkDatabase(sql)),
    ...(await checkTold(sql, told)),
    ...(await checkAnswers(sql, seen.answered)),
    ...(await checkTrail(sql)),
    ...(await checkMoments(sql, before)),
    ...(await checkChains(sql)),
    ...(await checkAccessLog(sql, sent)),
    ...(await checkNonces(sql, sent)),
  ])
  for (const service of ['ledger', 'audit'] as const)
    violations.push(...(await checkRole(house.context.databaseUrls[service], service)))
  const chains = await Promise.all(families.map((family) => chainAsTold(house, family)))
  return [
    ...chains.flat(),
    ...violations
      .flatMap((found) => beyond(found, lost))
      .filter((found) => !isAside(found, keptAside))
      .map(inWords),
    ...seen.wrong,
    ...grouped(seen.attempts.flatMap((attempt) => decideAttempt(attempt, downtimes) ?? [])),
  ]
}

async function checkMoments(sql: pg.Client, before: Moment[]): Promise<Violation[]> {
  const found: Violation[] = []
  for (const moment of before) found.push(...(await checkUnchanged(sql, moment)))
  return found
}

/** Exactly those messages that were meant to be kept aside. */
const isAside = ({ what, ids }: Violation, expected: number) =>
  what === keptAsideNothing && ids.length === expected

const ofLost: readonly string[] = [fromAnOutbox, inOrder]

/** What of a violation is not explained by what was lost. */
function beyond(found: Violation, lost: ReadonlySet<string> = new Set()): Violation[] {
  if (!ofLost.includes(found.what)) return [found]
  const ids = found.ids.filter((id) => !lost.has(id))
  return ids.length === 0 ? [] : [{ ...found, ids }]
}

/** Reads go on while Redis is away or slow, without its memory of nonces: their copies harm nobody. */
export const toSentRequest = ({ call, keyId, nonce, traceId, outcome }: Attempt): SentRequest => ({
  keyId,
  nonce,
  traceId,
  unguarded: call.startsWith('GET '),
  ...(outcome.kind === 'answer' && {
    answer: { status: outcome.status, requestId: outcome.requestId },
  }),
})

/** I10 as the family is told. */
async function chainAsTold(house: FaultHouse, { family }: RandomFamily): Promise<string[]> {
  const told = await clientAt(house.port, family.owner.session).call('verifyAudit')
  return told.intact ? [] : [`I10 the family is told that its chain is broken: ${JSON.stringify(told)}`]
}

const SHOWN = 5

const inWords = ({ invariant, what, ids }: Violation) =>
  `${invariant} not true: ${what} (${ids.length}: ${ids.slice(0, SHOWN).join(', ')}${ids.length > SHOWN ? ', …' : ''})`

const grouped = (lines: string[]) =>
  [...Map.groupBy(lines, (line) => line)].map(([line, { length }]) => `${line} (${length} times)`)
