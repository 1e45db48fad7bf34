import { randomBytes } from 'node:crypto'
import { Problem } from '@common-purse/contracts'
import { hash, verify } from '@node-rs/argon2'

/** OWASP's parameters for argon2id, which is number 2. */
const parameters = { algorithm: 2, memoryCost: 19_456, timeCost: 2, parallelism: 1 }

/** More at a time would take the cores from everybody else's calls. */
const RUNNING_MAX = 2
const WAITING_MAX = 100

export interface PasswordHasher {
  hash(password: string): Promise<string>
  /**
   * Whether the password is the one behind the hash; without a hash the same work is done and the answer is no.
   * `before` runs when its turn has come and may refuse.
   */
  matches(password: string, passwordHash: string | undefined, before: () => Promise<void>): Promise<boolean>
}

/** Hashes on worker threads, two at a time and the others in line. */
export async function createPasswordHasher(): Promise<PasswordHasher> {
  const inTurn = createTurns(RUNNING_MAX, WAITING_MAX)
  const nobodys = await hash(randomBytes(16), parameters)
  return {
    hash: (password) => inTurn(() => hash(password, parameters)),
    matches: (password, passwordHash, before) =>
      inTurn(async () => {
        await before()
        const same = await verify(passwordHash ?? nobodys, password)
        return same && passwordHash !== undefined
      }),
  }
}

/** Lets at most `runningMax` pieces of work run and `waitingMax` wait; more are refused. */
function createTurns(runningMax: number, waitingMax: number) {
  const waiting: (() => void)[] = []
  let running = 0
  return async <Result>(work: () => Promise<Result>): Promise<Result> => {
    if (running >= runningMax) {
      if (waiting.length >= waitingMax)
        throw new Problem('rate_limited', 'Too many people are signing in right now', { retryAfter: 1 })
      await new Promise<void>((resolve) => waiting.push(resolve))
    } else running++
    try {
      return await work()
    } finally {
      // The turn is handed over, so that nobody who comes in between overtakes.
      const next = waiting.shift()
      if (next) next()
      else running--
    }
  }
}
