import { randomBytes } from 'node:crypto'
import { availableParallelism } from 'node:os'
import type { PasswordDone, PasswordJob } from './password-worker.ts'
import { createWorkLine } from './work-line.ts'

/** At most two at a time, and one core is left to everybody else's calls where there is more than one. */
const THREADS = Math.max(1, Math.min(2, availableParallelism() - 1))

export interface PasswordHasher {
  hash(password: string): Promise<string>
  /**
   * Whether the password is the one behind the hash; without a hash the same work is done and the answer is no.
   * `before` runs when its turn has come and may refuse.
   */
  matches(password: string, passwordHash: string | undefined, before: () => Promise<void>): Promise<boolean>
  stop(): Promise<void>
}

/** Hashes on threads of low priority. */
export async function createPasswordHasher(): Promise<PasswordHasher> {
  const line = createWorkLine<PasswordJob, PasswordDone>(
    new URL('password-worker.ts', import.meta.url),
    THREADS,
  )
  const run = async (job: PasswordJob, before?: () => Promise<void>) => {
    const done = await line.run(job, before)
    if ('failure' in done) throw new Error(`argon2: ${done.failure}`)
    return done
  }
  const hash = async (password: string) => ((await run({ password })) as { hash: string }).hash
  const nobodys = await hash(randomBytes(16).toString('base64url'))
  return {
    hash,
    matches: async (password, passwordHash = nobodys, before) => {
      const { same } = (await run({ password, passwordHash }, before)) as { same: boolean }
      return same && passwordHash !== nobodys
    },
    stop: line.stop,
  }
}
