import { randomUUID } from 'node:crypto'
import { type ApiClient, createClient } from '../../libs/client/src/index.ts'
import type { Account, Role, Session } from '../../libs/contracts/src/index.ts'
import type { House } from './house.ts'

/** Somebody signed in, with a client for each service that was started and for the whole API. */
export interface Person {
  userId: string
  displayName: string
  role: Role
  session: Session
  email: string
  password: string
  /** At the gateway when the house has one, else straight at the service. */
  auth: ApiClient
  ledger: ApiClient
  audit: ApiClient
}

export interface Family {
  id: string
  owner: Person
  /** Everybody by role, the owner too; roles asked for twice are numbered: member, member2. */
  people: Record<string, Person>
}

const password = 'correct horse battery staple'

function personOf(house: Pick<House, 'urls'>, session: Session, email: string): Person {
  const at = (service: 'auth' | 'ledger' | 'audit') =>
    createClient({
      baseUrl: house.urls.gateway ?? house.urls[service] ?? 'http://127.0.0.1:9',
      credentials: () => ({ accessToken: session.access_token, signingKey: session.signing_key }),
    })
  return {
    userId: session.user.id,
    displayName: session.user.display_name,
    role: session.family.role,
    session,
    email,
    password,
    auth: at('auth'),
    ledger: at('ledger'),
    audit: at('audit'),
  }
}

/** Registers a family through the API: an owner and one member of each further role, joined by invitation. */
export async function givenFamily(house: Pick<House, 'urls'>, roles: Role[] = []): Promise<Family> {
  const visitor = createClient({ baseUrl: house.urls.gateway ?? house.urls.auth, timeoutMs: 30_000 })
  const register = async (name: string, how: { family_name: string } | { invitation_token: string }) => {
    const email = `${name}-${randomUUID()}@example.org`
    const session = await visitor.call('register', { body: { email, password, display_name: name, ...how } })
    return personOf(house, session, email)
  }
  const owner = await register('Olga', { family_name: 'The Tests' })
  const id = owner.session.family.id
  const people: Record<string, Person> = { owner }
  for (const role of roles) {
    const { token } = await owner.auth.call('createInvitation', { params: { id }, body: { role } })
    const count = Object.keys(people).filter((name) => name.replace(/\d+$/, '') === role).length
    people[count === 0 ? role : `${role}${count + 1}`] = await register(role, { invitation_token: token })
  }
  return { id, owner, people }
}

export const givenAccount = (
  person: Person,
  body: Partial<Parameters<typeof openDefaults>[0]> = {},
): Promise<Account> => person.ledger.call('openAccount', { body: openDefaults(body) })

interface OpenBody {
  name: string
  kind: 'cash' | 'bank' | 'card' | 'savings' | 'credit' | 'loan'
  currency: string
  opening_balance: string
  overdraft_limit?: string
  visibility?: 'family' | 'shared' | 'private'
  shared_with?: string[]
  owner_id?: string
}

const openDefaults = (body: Partial<OpenBody>): OpenBody => ({
  name: 'Wallet',
  kind: 'cash',
  currency: 'EUR',
  opening_balance: '1000.00',
  ...body,
})
