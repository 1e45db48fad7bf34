import { randomBytes } from 'node:crypto'
import { availableParallelism } from 'node:os'
import { traceStep } from '@common-purse/kit/spans'
import type { PasswordDone, PasswordJob } from './password-worker.ts'
import { createWorkLine, type Turn } from './work-line.ts'

/** One core is left to everybody else's calls; where there are but two, half of the other one too. */
const cores = availableParallelism()
const threads = Math.max(1, Math.min(2, cores - 1))
const rest = cores <= 2

export interface PasswordHasher {
  hash(password: string, turn: Turn): Promise<string>
  /** Whether the password is the one behind the hash; without a hash the same work is done and the answer is no. */
  matches(password: string, passwordHash: string | undefined, turn: Turn): Promise<boolean>
  stop(): Promise<void>
}

/** Hashes on threads of low priority. */
export async function createPasswordHasher(): Promise<PasswordHasher> {
  const module = new URL('password-worker.ts', import.meta.url)
  const line = createWorkLine<PasswordJob, PasswordDone>({ module, threads, rest })
  const run = async (job: PasswordJob, turn: Turn) => {
    const done = await traceStep('hash password', () => line.run(job, turn))
    if ('failure' in done) throw new Error(`argon2: ${done.failure}`)
    return done
  }
  const hash = async (password: string, turn: Turn) =>
    ((await run({ password }, turn)) as { hash: string }).hash
  const nobodys = await hash(randomBytes(16).toString('base64url'), { from: 'this service' })
  return {
    hash,
    matches: async (password, passwordHash = nobodys, turn) => {
      const { same } = (await run({ password, passwordHash }, turn)) as { same: boolean }
      return same && passwordHash !== nobodys
    },
    stop: line.stop,
  }
}
