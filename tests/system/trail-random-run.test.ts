import { randomInt } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import pg from 'pg'
import { toSentRequest } from '../faults/check-all.ts'
import { type Load, startLoad } from '../faults/load.ts'
import { settle } from '../faults/settle.ts'
import { checkChains } from '../invariants/check-chains.ts'
import { checkTrail } from '../invariants/check-invariants.ts'
import { checkAccessLog, checkNonces, type SentRequest } from '../invariants/check-requests.ts'
import { faultsOfTheTrail } from '../invariants/faults-of-the-trail.ts'
import { openFamilies } from '../invariants/random-run.ts'
import { checkRole, checkUnchanged, type Moment, rememberRows } from '../invariants/unchanged-rows.ts'
import { type House, startHouse } from '../support/house.ts'

/* Twenty clients at the gateway, who repeat, hang up and are copied; afterwards the trail tells all of it, once. SEED=n. */

const TRANSFERS = 200
const SEED = Number(process.env['SEED'] ?? randomInt(1_000_000))
const SETTLE_MS = 30_000

let house: House
let sql: pg.Client
let load: Load
let sent: SentRequest[]
let before: Moment

beforeAll(async () => {
  console.log(`Random run of ${TRANSFERS} transfers at the gateway; to repeat it: SEED=${SEED}`)
  house = await startHouse({
    services: ['auth', 'ledger', 'audit', 'gateway'],
    env: { RATE_LIMIT_SIGN_UP: '1000/60', RATE_LIMIT_ADDRESS: '100000/60' },
  })
  sql = new pg.Client({ connectionString: house.database.adminUrl })
  await sql.connect()
  const withSql = <Result>(work: (client: pg.Client) => Promise<Result>) => work(sql)
  const families = await openFamilies(house)
  await settle({ withSql }, SETTLE_MS, 500)
  before = await rememberRows(sql)
  const port = Number(new URL(house.urls.gateway).port)
  const { signal } = new AbortController()
  load = startLoad({ families, port, transfers: TRANSFERS, seed: SEED, signal, mischief: 10 })
  await load.finished
  for (const { family } of families) await family.owner.audit.call('verifyAudit')
  await settle({ withSql }, SETTLE_MS, 3_000)
  sent = load.seen.attempts.map(toSentRequest)
}, 120_000)
afterAll(async () => {
  await sql.end()
  await house.stop()
})

const violations = async (requests = sent) => [
  ...(await checkTrail(sql)),
  ...(await checkUnchanged(sql, before)),
  ...(await checkChains(sql)),
  ...(await checkAccessLog(sql, requests)),
  ...(await checkNonces(sql, requests)),
]

test('the run did some of everything', () => {
  const { attempts, wrong } = load.seen
  expect(wrong).toEqual([])
  expect(attempts.filter(({ replayed }) => replayed).length).toBeGreaterThan(0)
  expect(attempts.filter(({ outcome }) => outcome.kind === 'answer').length).toBeGreaterThan(TRANSFERS)
})

test('and the trail tells all of it, once', async () => {
  expect({ seed: SEED, violations: await violations() }).toEqual({ seed: SEED, violations: [] })
})

test('the role of the audit service may not change the trail', async () => {
  expect(await checkRole(house.database.urlOf('audit'), 'audit')).toEqual([])
})

describe('the checker sees', () => {
  const names = (found: Awaited<ReturnType<typeof violations>>) =>
    [...new Set(found.map(({ what }) => what))].sort()
  const accepted = () => sent.find(({ answer }) => answer?.status === 201)!

  test.each(faultsOfTheTrail.map((fault) => [fault.name, fault] as const))(
    '%s',
    async (_name, { plant, seen }) => {
      await sql.query("BEGIN; SET LOCAL session_replication_role = 'replica'")
      try {
        await sql.query('ALTER TABLE audit.event_log DISABLE TRIGGER event_log_append_only')
        for (const [n, statement] of plant.entries()) {
          const { rowCount } = await sql.query(statement.replace('ANSWERED', accepted().answer!.requestId))
          if (n === 0) expect(rowCount).not.toBe(0)
        }
        const found = await violations()
        expect(names(found)).toEqual([...seen].sort())
        for (const { ids } of found) expect(ids.length).toBeLessThanOrEqual(2)
      } finally {
        await sql.query('ROLLBACK')
      }
    },
  )

  test('I12: a copy that was let through like the first', async () => {
    const original = accepted()
    const copy = { ...original, traceId: 'f'.repeat(32) }
    expect(names(await violations([...sent, copy]))).toEqual([
      'of the copies of a signed request one at most is let through',
    ])
  })

  test('I12: a copy that was let through after one whose answer was lost', async () => {
    const { keyId, nonce, traceId, answer } = accepted()
    const others = sent.filter((request) => request.nonce !== nonce)
    const lost = { keyId: keyId!, nonce: nonce!, traceId }
    expect(names(await violations([...others, lost]))).toEqual([])
    const copy = { ...lost, traceId: 'f'.repeat(32), answer: answer! }
    expect(names(await violations([...others, lost, copy]))).toEqual([
      'of the copies of a signed request one at most is let through',
    ])
  })

  test('a role that may change the trail', async () => {
    expect(await checkRole(house.database.adminUrl, 'audit')).toMatchObject([{ invariant: 'I9' }])
  })
})
