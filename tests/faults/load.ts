import { setTimeout as sleep } from 'node:timers/promises'
import { createClient } from '../../libs/client/src/index.ts'
import type { RandomFamily } from '../invariants/random-run.ts'
import { randomNumbers } from '../invariants/random-numbers.ts'
import type { FaultClient, Seen } from './client.ts'
import { runClient } from './operations.ts'

export interface Load {
  seen: Seen
  /** Transfers that were begun. */
  begun(): number
  /** Lets so many be begun in all; without it there is no limit but the end. */
  allow(transfers: number): void
  /** Begins no further ones. */
  end(): void
  /** Resolves when everything that was begun is decided. */
  finished: Promise<void>
}

export interface LoadOptions {
  families: RandomFamily[]
  /** Of the gateway, or of what stands before several. */
  port: number
  transfers: number
  seed: number
  signal: AbortSignal
  mischief?: number
}

const roles = ['owner', 'adult', 'member', 'child'] as const

/** Twenty clients, four in each family, until so many transfers were asked for. */
export function startLoad({ families, port, transfers, seed, signal, mischief = 5 }: LoadOptions): Load {
  const seen: Seen = { attempts: [], answered: [], wrong: [] }
  const clients = families.flatMap(({ family, accounts }, f) =>
    roles.map((role, r): FaultClient => {
      const { session, userId } = family.people[role]!
      const random = randomNumbers(seed * 1_000 + f * roles.length + r)
      const own = { familyId: family.id, userId, role, signer: session, accounts, random }
      return { ...own, port, mischief, seen, copies: [], signal }
    }),
  )
  let begun = 0
  let allowed = transfers
  let ended = false
  const take = async () => {
    while (!ended && begun >= allowed && begun < transfers) await sleep(5, undefined, { signal })
    return !ended && begun < transfers && ++begun > 0
  }
  const finished = Promise.all(clients.map((client) => runClient(client, take))).then(() => undefined)
  finished.catch(() => undefined) // whoever awaits it hears of it
  return {
    seen,
    begun: () => begun,
    allow: (count) => void (allowed = count),
    end: () => void (ended = true),
    finished,
  }
}

/** The gateway as a client of the library, for what is asked before and after the faults. */
export const clientAt = (port: number, session: FaultClient['signer']) =>
  createClient({
    baseUrl: `http://127.0.0.1:${port}`,
    credentials: () => ({ accessToken: session.access_token, signingKey: session.signing_key }),
  })
