import { readlinkSync } from 'node:fs'
import { setPriority } from 'node:os'
import { parentPort } from 'node:worker_threads'
import { hashSync, verifySync } from '@node-rs/argon2'

/** Runs in a thread of its own: a hash takes a core for a while, and calls that do not need one go first. */

/** OWASP's parameters for argon2id, which is number 2. */
const parameters = { algorithm: 2, memoryCost: 19_456, timeCost: 2, parallelism: 1 }
/** As `nice`: this thread gets a tenth of a core while others want all of it, and everything that they leave. */
const NICENESS = 10

/** Without `passwordHash` a password is hashed, with it the two are compared. */
export interface PasswordJob {
  password: string
  passwordHash?: string
}
export type PasswordDone = { hash: string } | { same: boolean } | { failure: string }

/** Linux keeps a priority per thread; elsewhere it is the process's, which is not ours to lower. */
function stepBack(): void {
  try {
    setPriority(Number(readlinkSync('/proc/thread-self').split('/').at(-1)), NICENESS)
  } catch {
    // No /proc: the thread goes on as the others do.
  }
}

function work({ password, passwordHash }: PasswordJob): PasswordDone {
  try {
    return passwordHash === undefined
      ? { hash: hashSync(password, parameters) }
      : { same: verifySync(passwordHash, password) }
  } catch (error) {
    return { failure: (error as Error).message }
  }
}

stepBack()
parentPort!.on('message', (job: PasswordJob) => parentPort!.postMessage(work(job)))
