import { setTimeout as sleep } from 'node:timers/promises'
import { sendSignal } from '../../tools/launcher/process-identity.ts'
import { waitUntil } from '../../tools/launcher/wait-until.ts'
import { answers } from '../../tools/servers/probe.ts'
import { serviceNames } from '../../tools/services.ts'
import type { Downtime } from './decide-attempt.ts'
import type { FaultHouse, ProcessName } from './house.ts'
import { sendRaw } from './send-raw.ts'
import { type Signer, signRequest, type Unsigned } from './signed-request.ts'

export const processNames: readonly ProcessName[] = [...serviceNames, 'postgres', 'nats', 'redis']

/** Somebody who asks from outside whether the system works. */
export interface Canary {
  signer: Signer
  account: { id: string; currency: string }
}

export interface Outages {
  downtimes: Downtime[]
  /** kill -9 unless told, and resolves with how long it took from its restart until it did its work again, in milliseconds. */
  kill(name: ProcessName, signal?: NodeJS.Signals): Promise<number>
  /** Takes note that it does not do its work while `fault` runs. */
  during<Result>(name: ProcessName, fault: () => Promise<Result>): Promise<Result>
  untilWorks(name: ProcessName): Promise<void>
}

/** Generous: what is promised is compared afterwards. */
const GIVE_UP_MS = 120_000

/** Kills processes and waits until they do their work again; nobody but the launcher starts them. */
export function createOutages(house: FaultHouse, canary: Canary): Outages {
  const downtimes: Downtime[] = []
  const untilWorks = (name: ProcessName) =>
    giveUpUnless(house, `${name} works again`, () => works(house, canary, name))
  const begin = (name: ProcessName) => {
    const downtime = { name, from: Date.now(), until: Infinity }
    downtimes.push(downtime)
    return downtime
  }
  return {
    downtimes,
    untilWorks,
    during: async (name, fault) => {
      const downtime = begin(name)
      const result = await fault()
      downtime.until = Date.now()
      return result
    },
    kill: async (name, signal = 'SIGKILL') => {
      const pid = await pidNow(house, name)
      const downtime = begin(name)
      sendSignal(pid, signal)
      const restarted = () => ![undefined, pid].includes(house.pidOf(name))
      await giveUpUnless(house, `${name} was started again`, () => Promise.resolve(restarted()))
      const startedAt = Date.now()
      await untilWorks(name)
      downtime.until = Date.now()
      return downtime.until - startedAt
    },
  }
}

async function pidNow(house: FaultHouse, name: ProcessName): Promise<number> {
  for (;;) {
    const pid = house.pidOf(name)
    if (pid !== undefined) return pid
    await sleep(20) // between two lives
  }
}

async function giveUpUnless(
  { launcher }: FaultHouse,
  what: string,
  isTrue: () => Promise<boolean>,
): Promise<void> {
  const { signal } = launcher
  if (!(await waitUntil(isTrue, { withinMs: GIVE_UP_MS, everyMs: 100, signal })))
    throw new Error(`Within ${GIVE_UP_MS / 1000} s it never came true that ${what}`)
}

const get = (target: string): Unsigned => ({ method: 'GET', target: `/api/v1${target}`, body: '' })

/** Passes the replay guard and the ledger, and writes nothing. */
export const dryRun = ({ account: { id, currency } }: Canary): Unsigned => ({
  method: 'POST',
  target: '/api/v1/transactions?dry_run=true',
  body: JSON.stringify({
    type: 'income',
    account_id: id,
    currency,
    amount: currency === 'JPY' ? '1' : '1.00',
  }),
  idempotencyKey: crypto.randomUUID(),
})

/** One signed request of the canary, by the clock of this machine unless told (milliseconds). */
export const ask = (
  { port }: Pick<FaultHouse, 'port'>,
  { signer }: Pick<Canary, 'signer'>,
  request: Unsigned,
  now = Date.now(),
) =>
  sendRaw(port, signRequest(signer, request, now).bytes(crypto.randomUUID().replaceAll('-', '')), {
    timeoutMs: 5_000,
  })

/** Whether it does its work, as seen from outside. */
export async function works(house: FaultHouse, canary: Canary, name: ProcessName): Promise<boolean> {
  const calls: Record<ProcessName, () => Unsigned[]> = {
    gateway: () => [get('/auth/me'), dryRun(canary)],
    auth: () => [get('/auth/me')],
    ledger: () => [get('/accounts'), dryRun(canary)],
    audit: () => [get('/audit/head')],
    bot: () => [],
    postgres: () => [get('/auth/me'), get('/accounts'), get('/audit/head')],
    redis: () => [dryRun(canary)],
    nats: () => [],
  }
  if (!(await isReady(house, name))) return false
  for (const call of calls[name]()) {
    const answer = await ask(house, canary, call)
    if (typeof answer === 'string' || answer.status !== 200) return false
  }
  return true
}

async function isReady(house: FaultHouse, name: ProcessName): Promise<boolean> {
  if (name === 'postgres' || name === 'redis') return await answers(name, house.servers[name])
  if (name !== 'nats') return await checksAreWell(house, name, name === 'bot' ? ['telegram'] : [])
  // The bus works when each service says so by a round trip of its own.
  const all = await Promise.all(serviceNames.map((service) => checksAreWell(house, service, ['nats'])))
  return all.every(Boolean)
}

/** Ready, with these dependencies as well. */
async function checksAreWell(
  { context }: FaultHouse,
  service: (typeof serviceNames)[number],
  names: string[],
): Promise<boolean> {
  try {
    const url = `http://127.0.0.1:${context.ports[service].opsPort}/readyz`
    const answer = await fetch(url, { signal: AbortSignal.timeout(3_000) })
    const { checks } = (await answer.json()) as { checks: Record<string, string> }
    return answer.ok && names.every((check) => checks[check] === 'ok')
  } catch {
    return false
  }
}
