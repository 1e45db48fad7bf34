import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import { ApiError, createClient } from '../libs/client/src/index.ts'
import { type BenchHouse, givenOwner, startBenchHouse } from './bench-house.ts'
import type { LoginLoad } from './login-load.ts'
import { holds, ms, percentile } from './numbers.ts'
import { openRawConnection } from './raw-connection.ts'

const LOGINS = 50
const SECONDS = 8
const CALLERS = 4
/** Each caller asks so often: together a hundred calls a second, which leaves the machine room. */
const PERIOD_MS = 40
const GUESSES = 60
const password = 'correct horse battery staple'

/** What logins cost the others, and whether an address that nobody has can be told by the time its refusal takes. */
export async function bench(): Promise<boolean> {
  const house = await startBenchHouse(['auth', 'gateway'], {
    LOGIN_FAILURES_ACCOUNT: '1000000/60',
    LOGIN_FAILURES_ADDRESS: '1000000/60',
  })
  try {
    const session = await givenOwner(house, 'owner')
    return [
      await compareOthers(house, session.access_token, session.user.email),
      await compareRefusals(house, session.user.email),
    ].every(Boolean)
  } finally {
    await house.stop()
  }
}

/** Without, with, without: what else the machine does meanwhile falls on both sides. */
async function compareOthers(house: BenchHouse, token: string, email: string): Promise<boolean> {
  await readForAWhile(house, token) // warm up
  const before = percentile(await readForAWhile(house, token), 0.99)
  const logins = await keepLoggingIn(house, email)
  const during = percentile(await readForAWhile(house, token), 0.99)
  const done = await logins.stop()
  const after = percentile(await readForAWhile(house, token), 0.99)
  console.log(
    `GET /auth/me p99: ${ms(before)} before, ${ms(during)} while ${LOGINS} logins ran ` +
      `(${(done / SECONDS).toFixed(0)} of them a second), ${ms(after)} after`,
  )
  return holds('p99 of other calls while logins hash', during / ((before + after) / 2), '<=', 2)
}

/** Latencies of `GET /auth/me` at a constant rate, counted from when each was due. */
async function readForAWhile(house: BenchHouse, token: string): Promise<number[]> {
  const begin = performance.now()
  const latencies: number[] = []
  const caller = async (_: unknown, index: number) => {
    const connection = await openRawConnection(house.gatewayUrl)
    for (let due = begin + (index * PERIOD_MS) / CALLERS; due < begin + SECONDS * 1000; due += PERIOD_MS) {
      await sleep(Math.max(0, due - performance.now()))
      const sentAt = Math.max(due, performance.now() - PERIOD_MS) // a late timer of ours is not their latency
      const { status } = await connection.send(
        'GET',
        '/api/v1/auth/me',
        { authorization: `Bearer ${token}` },
        '',
      )
      if (status !== 200) throw new Error(`GET /auth/me answered ${status}`)
      latencies.push(performance.now() - sentAt)
    }
    connection.close()
  }
  await Promise.all(Array.from({ length: CALLERS }, caller))
  return latencies
}

/** In a thread of its own, so that the work of asking does not count as the work of answering. */
async function keepLoggingIn(house: BenchHouse, email: string) {
  const workerData: LoginLoad = { url: house.gatewayUrl, logins: LOGINS, email, password }
  const load = new Worker(new URL('login-load.ts', import.meta.url), { workerData })
  await once(load, 'message') // they are under way: what is measured is hashing, not fifty first connections
  return {
    /** Answers how many were done. */
    stop: async () => {
      load.postMessage('stop')
      const [done] = (await once(load, 'message')) as [number]
      return done
    },
  }
}

/** Turn by turn, so that both meet the same machine. */
async function compareRefusals(house: BenchHouse, email: string): Promise<boolean> {
  const api = createClient({ baseUrl: house.gatewayUrl })
  const refusal = async (address: string) => {
    const startedAt = performance.now()
    const code = await api.call('login', { body: { email: address, password: 'not this one' } }).then(
      () => 'none',
      (error: unknown) => (error instanceof ApiError ? error.problem.code : String(error)),
    )
    if (code !== 'credentials_invalid') throw new Error(`A wrong password was answered ${code}`)
    return performance.now() - startedAt
  }
  const known: number[] = []
  const unknown: number[] = []
  for (let guess = 0; guess < GUESSES; guess++) {
    known.push(await refusal(email))
    unknown.push(await refusal(`nobody-${guess}@bench.example.org`))
  }
  const [a, b] = [percentile(known, 0.5), percentile(unknown, 0.5)]
  console.log(`a refused login: ${ms(a)} with a wrong password, ${ms(b)} for an address that nobody has`)
  return holds('the slower of the two to the other', Math.max(a, b) / Math.min(a, b), '<=', 1.1)
}
