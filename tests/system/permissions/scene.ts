import { randomUUID } from 'node:crypto'
import { createClient } from '../../../libs/client/src/index.ts'
import type { Account, Category, Role, Transaction } from '../../../libs/contracts/src/index.ts'
import { eventually } from '../../support/eventually.ts'
import { type Family, givenAccount, givenFamily, type Person } from '../../support/given.ts'
import { type House, startHouse } from '../../support/house.ts'
import { plenty, unlimited } from '../../support/unlimited.ts'

/** A family with one person of each role, and another family whose things nobody of the first may see. */
export interface Scene {
  house: House
  family: Family
  people: Record<Role, Person>
  foreign: Family
}

/** Everybody but the child of the second family may spend 100.00 without asking. */
export async function startScene(): Promise<Scene> {
  const house = await startHouse({
    services: ['auth', 'ledger', 'audit', 'gateway'],
    env: {
      ...unlimited,
      RATE_LIMIT_SIGN_UP: plenty,
      RATE_LIMIT_BIND: plenty,
    },
  })
  const family = await givenFamily(house, ['adult', 'member', 'child', 'read_only'])
  const foreign = await givenFamily(house, ['member'])
  const thresholds = (['owner', 'adult', 'member', 'child'] as const).map((role) => ({
    role,
    amount: '100.00',
  }))
  for (const { owner } of [family, foreign])
    await owner.ledger.call('putApprovalPolicy', { body: { thresholds } })
  await eventually(
    () =>
      family.owner.ledger
        .call('openAccount', { body: forPerson(family.people['child']!) })
        .catch(() => undefined),
    (account) => account !== undefined,
  )
  return { house, family, people: family.people, foreign }
}

const forPerson = ({ userId }: Person) => ({
  name: 'Pocket money',
  kind: 'cash' as const,
  currency: 'EUR',
  owner_id: userId,
})

/** Somebody else of the family who may do most things. */
export const another = ({ people }: Scene, actor: Person): Person =>
  actor === people.owner ? people.adult : people.owner

/** An account of somebody else that everybody in the family sees. */
export const familyAccount = (scene: Scene, actor: Person): Promise<Account> =>
  givenAccount(another(scene, actor), {})

/** An account of somebody else that is shared with nobody: only who may read all accounts sees it. */
export const hiddenAccount = (scene: Scene, actor: Person): Promise<Account> =>
  givenAccount(another(scene, actor), { visibility: 'shared', shared_with: [] })

/** An account of one's own; owners and adults open it for who cannot. */
export const ownAccount = async ({ people }: Scene, actor: Person): Promise<Account> =>
  ['owner', 'adult', 'member'].includes(actor.role)
    ? givenAccount(actor, {})
    : givenAccount(people.owner, { owner_id: actor.userId })

export const spend = (actor: Person, account: Account, amount: string): Promise<Transaction> =>
  actor.ledger.call('submitTransaction', {
    body: { type: 'expense', account_id: account.id, amount, currency: 'EUR' },
  })

export const newCategory = (actor: Person): Promise<Category> =>
  actor.ledger.call('createCategory', { body: { name: `Food ${randomUUID().slice(0, 8)}` } })

/** A further member of the family, for what is done to somebody. */
export async function givenVictim({ house, family }: Scene): Promise<Person['session']> {
  const { token } = await family.owner.auth.call('createInvitation', {
    params: { id: family.id },
    body: { role: 'child' },
  })
  return await createClient({ baseUrl: house.urls.gateway }).call('register', {
    body: {
      email: `victim-${randomUUID()}@example.org`,
      password: 'correct horse battery staple',
      display_name: 'Victim',
      invitation_token: token,
    },
  })
}

/** The newest entry of the trail about an entity, once it is there. */
export async function entryOf(reader: Person, entityId: string): Promise<{ id: string }> {
  const page = await eventually(
    () => reader.audit.call('listAuditEvents', { query: { limit: '100' } }),
    ({ items }) => items.some(({ entity_id }) => entity_id === entityId),
  )
  return page.items.find(({ entity_id }) => entity_id === entityId)!
}
