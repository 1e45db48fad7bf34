import { ApiError, type ApiClient, createClient } from '../../../../libs/client/src/index.ts'
import type { Transaction } from '../../../../libs/contracts/src/index.ts'
import { createLogger } from '../../../../libs/kit/src/logger.ts'
import type { Person } from '../../../../tests/support/given.ts'
import { settingsBeside } from '../../../../tests/support/service-process.ts'
import { loadConfig } from '../../src/config.ts'
import { startLedger } from '../../src/start.ts'
import { type LedgerHouse, startLedgerHouse } from './ledger-house.ts'

export interface TwoReplicas extends LedgerHouse {
  /** The same person at each of the two replicas. */
  replicasOf(person: Person): ApiClient[]
  /** Does it `count` times at once, in turn at the one and the other replica. */
  atOnce(
    person: Person,
    count: number,
    work: (at: ApiClient, n: number) => Promise<Transaction>,
  ): Promise<PromiseSettledResult<Transaction>[]>
}

/** A house with a second ledger on the same database. */
export async function startTwoReplicas(env: Record<string, string>): Promise<TwoReplicas> {
  const first = await startLedgerHouse(env)
  const settings = settingsBeside(first.house, 'ledger')
  const second = await startLedger(loadConfig(settings), createLogger('ledger', 'fatal'))
  const replicasOf = (person: Person): ApiClient[] => [
    person.ledger,
    createClient({
      baseUrl: second.url,
      credentials: () => ({
        accessToken: person.session.access_token,
        signingKey: person.session.signing_key,
      }),
    }),
  ]
  return {
    ...first,
    replicasOf,
    atOnce: (person, count, work) => {
      const replicas = replicasOf(person)
      return Promise.allSettled(Array.from({ length: count }, (_, n) => work(replicas[n % 2]!, n)))
    },
    stop: async () => {
      await second.stop()
      await first.stop()
    },
  }
}

const codeOf = (error: unknown): string => (error instanceof ApiError ? error.problem.code : String(error))

/** How often each outcome came: a status of a transaction, or a problem's code. */
export function tally(results: PromiseSettledResult<Transaction>[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const result of results) {
    const name = result.status === 'fulfilled' ? result.value.status : codeOf(result.reason)
    counts[name] = (counts[name] ?? 0) + 1
  }
  return counts
}
