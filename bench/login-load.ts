import { parentPort, workerData } from 'node:worker_threads'
import { createClient } from '../libs/client/src/index.ts'

/** What the thread is told: always so many logins at once. It tells of the first that is done, and when it hears anything it stops and tells how many were. */
export interface LoginLoad {
  url: string
  logins: number
  email: string
  password: string
}

const { url, logins, email, password } = workerData as LoginLoad
const api = createClient({ baseUrl: url, timeoutMs: 60_000 })
let stopped = false
let done = 0

const person = async () => {
  while (!stopped) {
    await api.call('login', { body: { email, password } })
    if (!stopped && ++done === 1) parentPort!.postMessage('under way')
  }
}

parentPort!.once('message', () => (stopped = true))
await Promise.all(Array.from({ length: logins }, person))
parentPort!.postMessage(done)
