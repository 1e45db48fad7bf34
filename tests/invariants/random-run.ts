import { createClient } from '../../libs/client/src/index.ts'
import { type Family, givenAccount, givenFamily, type Person } from '../support/given.ts'
import type { House } from '../support/house.ts'
import type { Answered, ToldBalance } from './check-invariants.ts'
import { oneOfEach } from './one-of-each.ts'
import { type RandomAccount, type RandomClient, runClient } from './random-client.ts'
import { randomNumbers } from './random-numbers.ts'

const FAMILIES = 5
const ROLES = ['owner', 'adult', 'member', 'child'] as const
const CURRENCIES = ['EUR', 'EUR', 'EUR', 'EUR', 'EUR', 'EUR', 'JPY', 'JPY', 'KWD', 'KWD']

export interface RandomFamily {
  family: Family
  accounts: RandomAccount[]
}

/** Five families of four people and ten accounts each; some may be overdrawn, some soon have nothing left. */
export function openFamilies(house: Pick<House, 'urls'>): Promise<RandomFamily[]> {
  return Promise.all(
    Array.from({ length: FAMILIES }, async () => {
      const family = await givenFamily(house, ['adult', 'member', 'child'])
      const accounts = await Promise.all(
        CURRENCIES.map((currency, n) =>
          givenAccount(family.owner, {
            currency,
            opening_balance: n % 3 === 0 ? '60' : '5000',
            overdraft_limit: n % 4 === 0 ? '500' : '0',
          }),
        ),
      )
      return { family, accounts }
    }),
  )
}

const atEach = (person: Person, urls: string[]) =>
  urls.map((baseUrl) =>
    createClient({
      baseUrl,
      credentials: () => ({
        accessToken: person.session.access_token,
        signingKey: person.session.signing_key,
      }),
    }),
  )

/** Twenty clients do their share of `operations` at once, then two of them one of each; answers all that they were answered. */
export async function randomRun(
  families: RandomFamily[],
  options: { urls: string[]; operations: number; seed: number },
): Promise<Answered[]> {
  const record: Answered[] = []
  const clients = families.flatMap(({ family, accounts }, f) =>
    ROLES.map((role, r): RandomClient => ({
      familyId: family.id,
      role,
      replicas: atEach(family.people[role]!, options.urls),
      accounts,
      foreign: families[(f + 1) % families.length]!.accounts,
      random: randomNumbers(options.seed * 1_000 + f * ROLES.length + r),
      record,
    })),
  )
  await Promise.all(clients.map((client) => runClient(client, options.operations / clients.length)))
  const of = (role: RandomClient['role']) => clients.find((client) => client.role === role)!
  await oneOfEach(of('owner'), of('child'))
  return record
}

/** The balances as the owners are told them. */
export async function toldBalances(families: RandomFamily[]): Promise<ToldBalance[]> {
  const pages = await Promise.all(
    families.map(({ family }) => family.owner.ledger.call('listAccounts', { query: { limit: '100' } })),
  )
  return pages.flatMap(({ items }) => items)
}
