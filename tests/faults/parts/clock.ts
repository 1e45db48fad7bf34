import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import { waitUntil } from '../../../tools/launcher/wait-until.ts'
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

/** A busy machine may take a while for what a wrong clock would keep from ever happening. */
const PATIENCE_MS = 30_000

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
  const working = async () =>
    (await works(house, canary, name)) ? undefined : `${name} does not do its work`
  for (const problem of [await patiently(scene, working), await patiently(scene, () => signsIn(scene))])
    if (problem !== undefined) wrong.push(`${problem} ${where}`)
  for (const [what, count] of Object.entries(await house.withSql(askForOtherTimes)))
    if (Number(count) > 0) wrong.push(`${count} ${what} are of another time ${where}`)
  set(name, 0)
  await sleep(SEEN_MS, undefined, { signal: house.launcher.signal })
  const afterwards = await patiently(scene, working)
  if (afterwards !== undefined) wrong.push(`${afterwards} after its clock was set right`)
  say(`at transfer ${load.begun()}: the clock of ${name} was at ${told(ms)} for a while`)
  return wrong
}

/** Asks again and again until nothing is wrong, and answers what still is. */
async function patiently(
  { house }: Scene,
  ask: () => Promise<string | undefined>,
): Promise<string | undefined> {
  let problem: string | undefined
  const isWell = async () => (problem = await ask()) === undefined
  await waitUntil(isWell, { withinMs: PATIENCE_MS, everyMs: 200, signal: house.launcher.signal })
  return problem
}

/** A new token is good at once. */
async function signsIn({ house, families }: Scene): Promise<string | undefined> {
  const { email, password } = families.at(-1)!.family.owner
  const visitor = createClient({ baseUrl: `http://127.0.0.1:${house.port}` })
  try {
    const session = await visitor.call('login', { body: { email, password } })
    const signer = { access_token: session.access_token, signing_key: session.signing_key }
    const answer = await ask(house, { signer }, { method: 'GET', target: '/api/v1/auth/me', body: '' })
    const got = toldIn(answer)
    return got === '200' ? undefined : `A new token was answered ${got}`
  } catch (error) {
    return `Signing in failed (${(error as Error).message})`
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
async function clientStepped(scene: Scene, ms: number): Promise<string[]> {
  const { house, canary, families, load, say } = scene
  const now = () => Date.now() + ms
  const expected = Math.abs(ms) > 60_000 ? '401 signature_expired' : '200'
  const wrong = await patiently(scene, async () => {
    const got = toldIn(await ask(house, canary, dryRun(canary), now()))
    return got === expected ? undefined : `A client at ${told(ms)} was answered ${got}, not ${expected}`
  })
  const { family } = families[0]!
  const { access_token: accessToken, signing_key: signingKey } = family.owner.session
  const credentials = () => ({ accessToken, signingKey })
  const client = createClient({ baseUrl: `http://127.0.0.1:${house.port}`, credentials, now })
  const body = JSON.parse(dryRun(canary).body) as SubmitTransaction
  const key = crypto.randomUUID()
  const gaveUp = await patiently(scene, async () => {
    try {
      const transaction = await client.call('submitTransaction', { body, idempotencyKey: key })
      const written = { ...transaction, id: transaction.id! }
      load.seen.answered.push({ familyId: family.id, key, status: 201, transaction: written })
      return undefined
    } catch (error) {
      return `The client's library at ${told(ms)} gave up: ${(error as Error).message}`
    }
  })
  say(
    `a client's clock was at ${told(ms)}: ${wrong ?? `it was answered ${expected}`}, and its library went on`,
  )
  return [wrong, gaveUp].filter((problem) => problem !== undefined)
}

/** `200`, or the status and the code of a refusal, or how the answer was lost. */
function toldIn(answer: Awaited<ReturnType<typeof ask>>): string {
  if (typeof answer === 'string') return answer
  const { code } = JSON.parse(answer.body) as { code?: string }
  return code === undefined ? String(answer.status) : `${answer.status} ${code}`
}
