import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import { createClient } from '../../../libs/client/src/index.ts'
import type { SubmitTransaction } from '../../../libs/contracts/src/index.ts'
import { type ServiceName, serviceNames } from '../../../tools/services.ts'
import type { HouseOptions } from '../house.ts'
import type { PartOptions } from '../options.ts'
import { ask, dryRun, works } from '../outages.ts'
import { type Scene, underLoad } from '../scene.ts'

const SECOND_MS = 1_000
const steps = [10, -10, 61, -61, 600, -600].map((seconds) => seconds * SECOND_MS)
const shortSteps = [61, -600].map((seconds) => seconds * SECOND_MS)
/** Longer than a process needs to see that its clock was set, and its database needs to tell it the time. */
const SEEN_MS = 1_000
/** Of what is stored now, compared with the database's clock: more than a busy machine is late. */
const LATE_SECONDS = 30

type SetClock = (name: ServiceName, ms: number) => void

/**
 * The clock of each service is set while money moves, and set right again: nobody is refused, and what is stored has the
 * database's time. A client whose own clock is wrong is told the time, and goes on by it.
 */
export async function clock(options: PartOptions): Promise<string[]> {
  let folder = ''
  const arrange: HouseOptions['arrange'] = (specs, { dataDir }) => {
    folder = dataDir
    const preload = `--import=${pathToFileURL(join(import.meta.dirname, '..', 'stepped-clock.ts')).href}`
    const own = (name: string) => ({ NODE_OPTIONS: preload, STEPPED_CLOCK_FILE: fileOf(folder, name) })
    return Promise.resolve(specs.map((spec) => ({ ...spec, env: { ...spec.env, ...own(spec.name) } })))
  }
  return await underLoad(options, { name: 'clock', arrange, talk: true }, async (scene) => {
    const set: SetClock = (name, ms) => writeFileSync(fileOf(folder, name), String(ms))
    const wrong: string[] = []
    const chosen = options.short ? shortSteps : steps
    const turns = serviceNames.flatMap((name) => chosen.map((ms) => [name, ms] as const))
    for (const [n, [name, ms]] of turns.entries()) {
      await scene.goOn((n + 1) / turns.length, (n + 0.2) / turns.length)
      if (ms === chosen[0]) await scene.remember()
      wrong.push(...(await stepped(scene, set, [name, ms])))
    }
    for (const ms of chosen) wrong.push(...(await clientStepped(scene, ms)))
    return wrong
  })
}

const fileOf = (folder: string, name: string) => join(folder, `${name}.clock`)
const told = (ms: number) => `${ms > 0 ? '+' : '−'}${Math.abs(ms) / SECOND_MS} s`

/** With the clock set the service does its work, somebody can sign in, and what they then write is of now. */
async function stepped(scene: Scene, set: SetClock, [name, ms]: readonly [ServiceName, number]) {
  const { house, canary, load, say } = scene
  const where = `with the clock of ${name} at ${told(ms)}`
  set(name, ms)
  await sleep(SEEN_MS, undefined, { signal: house.launcher.signal })
  const wrong: string[] = []
  if (!(await works(house, canary, name))) wrong.push(`${name} does not do its work ${where}`)
  wrong.push(...(await signsIn(scene)).map((what) => `${what} ${where}`))
  for (const [what, count] of Object.entries(await house.withSql(askForOtherTimes)))
    if (Number(count) > 0) wrong.push(`${count} ${what} are of another time ${where}`)
  set(name, 0)
  await sleep(SEEN_MS, undefined, { signal: house.launcher.signal })
  if (!(await works(house, canary, name)))
    wrong.push(`${name} does not do its work after its clock was set right`)
  say(`at transfer ${load.begun()}: the clock of ${name} was at ${told(ms)} for a while`)
  return wrong
}

/** A new token is good at once. */
async function signsIn({ house, families }: Scene): Promise<string[]> {
  const { email, password } = families.at(-1)!.family.owner
  const visitor = createClient({ baseUrl: `http://127.0.0.1:${house.port}` })
  try {
    const session = await visitor.call('login', { body: { email, password } })
    const signer = { access_token: session.access_token, signing_key: session.signing_key }
    const answer = await ask(house, { signer }, { method: 'GET', target: '/api/v1/auth/me', body: '' })
    return typeof answer !== 'string' && answer.status === 200
      ? []
      : [
          `A new token was answered ${typeof answer === 'string' ? answer : `${answer.status} ${answer.body}`}`,
        ]
  } catch (error) {
    return [`Signing in failed (${(error as Error).message})`]
  }
}

const otherTimes = (column: string, isNow: string) =>
  `abs(extract(epoch FROM ${column} - ${isNow})) > ${LATE_SECONDS}`

/** Rows whose instants, told by a service, are far from the time at which the database wrote them. */
const askForOtherTimes = async (sql: { query(text: string): Promise<{ rows: unknown[] }> }) =>
  (
    await sql.query(`SELECT
      (SELECT count(*) FROM ledger.transactions t JOIN ledger.outbox o
         ON (o.payload->'data'->>'entity_id')::uuid = t.id AND (o.payload->'data'->>'version')::int = 1
       WHERE ${otherTimes('t.created_at', 'o.created_at')}) AS transactions,
      (SELECT count(*) FROM auth.outbox WHERE ${otherTimes("(payload->>'time')::timestamptz", 'created_at')})
        AS "events of the auth service",
      (SELECT count(*) FROM ledger.outbox WHERE ${otherTimes("(payload->>'time')::timestamptz", 'created_at')})
        AS "events of the ledger"`)
  ).rows[0] as Record<string, string>

/** A person's own clock: within the window it does not matter, beyond it they are told the time. */
async function clientStepped({ house, canary, families, load, say }: Scene, ms: number): Promise<string[]> {
  const wrong: string[] = []
  const now = () => Date.now() + ms
  const isBeyond = Math.abs(ms) > 60_000
  const answer = await ask(house, canary, dryRun(canary), now())
  const got = typeof answer === 'string' ? answer : `${answer.status} ${codeIn(answer.body)}`
  const expected = isBeyond ? '401 signature_expired' : '200 '
  if (got !== expected) wrong.push(`A client at ${told(ms)} was answered ${got}, not ${expected}`)
  const { session } = families[0]!.family.owner
  const client = createClient({
    baseUrl: `http://127.0.0.1:${house.port}`,
    credentials: () => ({ accessToken: session.access_token, signingKey: session.signing_key }),
    now,
  })
  const body = JSON.parse(dryRun(canary).body) as SubmitTransaction
  const key = crypto.randomUUID()
  try {
    const transaction = await client.call('submitTransaction', { body, idempotencyKey: key })
    const written = { ...transaction, id: transaction.id! }
    load.seen.answered.push({ familyId: families[0]!.family.id, key, status: 201, transaction: written })
  } catch (error) {
    wrong.push(`The client's library at ${told(ms)} gave up: ${(error as Error).message}`)
  }
  say(`a client's clock at ${told(ms)} was answered ${got}, and its library went on`)
  return wrong
}

const codeIn = (body: string): string => (JSON.parse(body) as { code?: string }).code ?? ''
