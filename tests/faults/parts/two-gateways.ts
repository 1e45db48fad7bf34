import { setTimeout as sleep } from 'node:timers/promises'
import { createClient } from '../../../libs/client/src/index.ts'
import type { House } from '../../../tools/launcher/house.ts'
import { sendSignal } from '../../../tools/launcher/process-identity.ts'
import { waitUntil } from '../../../tools/launcher/wait-until.ts'
import type { ServiceSpec } from '../../../tools/services.ts'
import type { Person } from '../../support/given.ts'
import { pidOf } from '../house.ts'
import { clientAt } from '../load.ts'
import type { PartOptions } from '../options.ts'
import { ask, dryRun } from '../outages.ts'
import { doubleUp, isReady, type Replica } from '../replicas.ts'
import { type Scene, underLoad } from '../scene.ts'
import { sendRaw } from '../send-raw.ts'
import { type Signer, signRequest, type Unsigned } from '../signed-request.ts'

/** Guesses of codes that one person has in ten minutes, at both gateways together. */
const GUESSES = 10
const REPLAYS = 100
/** Until an ended session is refused everywhere. */
const PROMISED_MS = 2_000
const TIMEOUT_MS = 30_000

type Pair = readonly [Replica, Replica]

/**
 * Two gateways share one Redis, and a balancer gives every connection to the other one in turn. What one has accepted the
 * other refuses as a replay, limits count at both together, a session that was ended through one is refused by the other,
 * and either is killed while the load goes on.
 */
export async function twoGateways(options: PartOptions): Promise<string[]> {
  const replicas: Replica[] = []
  const arrange = async (specs: ServiceSpec[], _context: unknown, house: House) => {
    const several = async (spec: ServiceSpec) =>
      spec.name === 'gateway' ? await doubleUp(spec, house, replicas) : [spec]
    return (await Promise.all(specs.map(several))).flat()
  }
  const env = { RATE_LIMIT_BIND: `${GUESSES}/600` }
  return await underLoad(options, { name: 'two-gateways', arrange, env }, async (scene) => {
    const pair = [replicas[0]!, replicas[1]!] as const
    await scene.goOn(0.5, 0.1)
    const wrong = [...(await replayed(scene, pair)), ...(await limited(scene, pair))]
    for (const [one, other] of eachWay(pair)) wrong.push(...(await endedElsewhere(scene, one, other)))
    await scene.remember()
    for (const [n, [one, other]] of eachWay(pair).entries()) {
      await scene.goOn(0.7 + n * 0.2, 0.55 + n * 0.2)
      wrong.push(...(await killed(scene, one, other)))
    }
    return wrong
  })
}

const eachWay = ([one, other]: Pair): Pair[] => [
  [one, other],
  [other, one],
]

const sendTo = (replica: Replica, bytes: Buffer) => sendRaw(replica.port, bytes, { timeoutMs: TIMEOUT_MS })

const newTrace = () => crypto.randomUUID().replaceAll('-', '')

/** `200`, `401 nonce_reused`, or how it was lost. */
function kindOf(answer: Awaited<ReturnType<typeof sendRaw>>): string {
  if (typeof answer === 'string') return answer
  const { code } = JSON.parse(answer.body || '{}') as { code?: string }
  return code === undefined ? String(answer.status) : `${answer.status} ${code}`
}

const REUSED = '401 nonce_reused'

/** What one has accepted the other refuses, later and at the same moment. */
async function replayed({ canary, say }: Scene, pair: Pair): Promise<string[]> {
  const wrong: string[] = []
  for (const [one, other] of eachWay(pair)) {
    const bytes = signRequest(canary.signer, dryRun(canary)).bytes(newTrace())
    const first = kindOf(await sendTo(one, bytes))
    const second = kindOf(await sendTo(other, bytes))
    if (first !== '200' || second !== REUSED)
      wrong.push(`A change was answered ${first} by ${one.name}, and its copy ${second} by ${other.name}`)
  }
  const bytes = signRequest(canary.signer, dryRun(canary)).bytes(newTrace())
  const copies = Array.from({ length: REPLAYS }, (_, n) => sendTo(pair[n % 2]!, bytes))
  const kinds = (await Promise.all(copies)).map(kindOf)
  const count = (kind: string) => kinds.filter((one) => one === kind).length
  say(
    `${REPLAYS} copies at once at both gateways: ${count('200')} accepted, ${count(REUSED)} refused as replays`,
  )
  if (count('200') !== 1 || count(REUSED) !== REPLAYS - 1)
    wrong.push(`${REPLAYS} copies of a change at both gateways were answered ${countsOf(kinds)}`)
  return wrong
}

const countsOf = (kinds: string[]) =>
  [...Map.groupBy(kinds, (kind) => kind)].map(([kind, { length }]) => `${kind}: ${length}`).join(', ')

const guess = (): Unsigned => ({
  method: 'GET',
  target: `/api/v1/auth/telegram/bind/${crypto.randomUUID().replaceAll('-', '').slice(0, 22)}`,
  body: '',
})

/** Guesses at both at once: so many pass in all as one gateway alone would let through, and then neither lets one pass. */
async function limited({ families, say }: Scene, pair: Pair): Promise<string[]> {
  const { session } = families[1]!.family.owner
  const at = (replica: Replica) => ask(replica, { signer: session }, guess())
  const guesses = Array.from({ length: 4 * GUESSES }, (_, n) => at(pair[n % 2]!))
  const kinds = (await Promise.all(guesses)).map(kindOf)
  const passed = kinds.filter((kind) => kind !== '429 rate_limited').length
  const afterwards = await Promise.all(pair.map(async (replica) => kindOf(await at(replica))))
  say(`${kinds.length} guesses at both gateways, ${GUESSES} allowed: ${countsOf(kinds)}`)
  return [
    ...(passed === GUESSES
      ? []
      : [`${passed} guesses passed at both gateways together, instead of ${GUESSES}`]),
    ...(afterwards.every((kind) => kind === '429 rate_limited')
      ? []
      : [`Beyond the limit the gateways answered ${afterwards.join(' and ')}`]),
  ]
}

const accounts: Unsigned = { method: 'GET', target: '/api/v1/accounts', body: '' }
const REVOKED = '401 token_revoked'

const kindAt = async (replica: Replica, signer: Signer) => kindOf(await ask(replica, { signer }, accounts))

const signInAt = ({ port }: Replica, { email, password }: Person) =>
  createClient({ baseUrl: `http://127.0.0.1:${port}`, timeoutMs: TIMEOUT_MS }).call('login', {
    body: { email, password },
  })

/** Signs in and out at one, and asks the other until it refuses. The ledger is asked: it knows nothing of sessions. */
async function endedElsewhere(
  { families, short, say }: Scene,
  one: Replica,
  other: Replica,
): Promise<string[]> {
  const session = await signInAt(one, families[2]!.family.owner)
  const before = await kindAt(other, session)
  await clientAt(one.port, session).call('logout', { body: { scope: 'local' } })
  const endedAt = performance.now()
  const refused = async () => (await kindAt(other, session)) === REVOKED
  const isRefused = await waitUntil(refused, { withinMs: 10_000, everyMs: 20 })
  const tookMs = performance.now() - endedAt
  const still = await Promise.all([one, other].map((replica) => kindAt(replica, session)))
  say(`ended through ${one.name}, refused by ${other.name} after ${tookMs.toFixed(0)} ms`)
  return [
    ...(before === '200' ? [] : [`A session of ${one.name} was answered ${before} by ${other.name}`]),
    ...(isRefused && still.every((kind) => kind === REVOKED)
      ? []
      : [`A session that was ended through ${one.name} was answered ${still.join(' and ')}`]),
    // A machine of which nothing is known may be busy: there only the answer counts.
    ...(short || tookMs <= PROMISED_MS ? [] : [`An ended session lived on for ${tookMs.toFixed(0)} ms`]),
  ]
}

/** kill -9 of one: the other carries on, and what it ended meanwhile the first one knows when it is back. */
async function killed(scene: Scene, one: Replica, other: Replica): Promise<string[]> {
  const { house, families, load, outages, say } = scene
  const session = await signInAt(other, families[3]!.family.owner)
  const pid = pidOf(house.launcher, one.name)!
  const from = Date.now()
  await outages.during('gateway', async () => {
    sendSignal(pid, 'SIGKILL')
    await clientAt(other.port, session).call('logout', { body: { scope: 'local' } })
    const isBack = async () =>
      ![undefined, pid].includes(pidOf(house.launcher, one.name)) && (await isReady(one))
    if (!(await waitUntil(isBack, { withinMs: 90_000, signal: house.launcher.signal })))
      throw new Error(`${one.name} did not come back`)
  })
  const until = Date.now()
  const told = await kindAt(one, session)
  const carried = load.seen.attempts.filter(
    ({ startedAt, endedAt, outcome }) =>
      startedAt >= from && endedAt <= until && outcome.kind === 'answer' && outcome.status < 300,
  ).length
  say(
    `killed ${one.name}, back after ${until - from} ms; ${other.name} answered ${carried} requests meanwhile`,
  )
  await sleep(200) // until the balancer has seen it
  return [
    ...(told === REVOKED ? [] : [`${one.name} came back and answered an ended session ${told}`]),
    ...(carried > 0 ? [] : [`Nobody was served while ${one.name} was away`]),
  ]
}
