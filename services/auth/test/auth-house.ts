import { randomBytes, randomUUID } from 'node:crypto'
import { ApiError, createClient, type Credentials } from '@common-purse/client'
import type { DomainEvent, ProblemCode, Role, Session } from '@common-purse/contracts'
import { botKeyId } from '@common-purse/kit/signing-keys'
import { expect } from '@jest/globals'
import pg from 'pg'
import { startHouse } from '../../../tests/support/house.ts'

/** Fifty passwords are hashed one or two at a time, beside other tests. */
const BUSY_MS = 60_000

/** The auth service in this process, with eyes on its database. */
export async function startAuthHouse(env: Record<string, string> = {}) {
  const house = await startHouse({ services: ['auth'], env })
  const database = new pg.Client({ connectionString: house.database.adminUrl })
  await database.connect()
  const api = createClient({ baseUrl: house.urls.auth, timeoutMs: BUSY_MS })
  const rows = async <Row>(sql: string, values: unknown[] = []): Promise<Row[]> =>
    (await database.query(sql, values)).rows as Row[]
  return {
    house,
    api,
    /** The same client for another process on the same database. */
    apiAt: (baseUrl: string) => createClient({ baseUrl, timeoutMs: BUSY_MS }),
    /** The same client from another address. */
    apiFrom: (ip: string) =>
      createClient({ baseUrl: house.urls.auth, headers: { 'x-forwarded-for': ip }, timeoutMs: BUSY_MS }),
    rows,
    /** How many events there are, to see that a refusal left none. */
    countEvents: async () => (await rows<{ n: number }>('SELECT count(*)::int AS n FROM auth.outbox'))[0]!.n,
    bot: { signingKey: { key_id: botKeyId, secret: house.env['BOT_CLIENT_SECRET']! } } satisfies Credentials,
    /** The events in the outbox of one entity or family, in order. */
    events: async (column: 'entity_id' | 'family_id', id: string): Promise<DomainEvent[]> =>
      (
        await rows<{ payload: DomainEvent }>(
          `SELECT payload FROM auth.outbox WHERE ${column}::text = $1 ORDER BY seq`,
          [id],
        )
      ).map(({ payload }) => payload),
    /** Any request, with headers of one's own. */
    send: (method: string, path: string, given: { body?: unknown; headers?: Record<string, string> } = {}) =>
      fetch(house.urls.auth + path, {
        method,
        headers: { 'content-type': 'application/json', ...given.headers },
        ...(given.body === undefined ? {} : { body: JSON.stringify(given.body) }),
      }),
    stop: async () => {
      await database.end()
      await house.stop()
    },
  }
}
export type AuthHouse = Awaited<ReturnType<typeof startAuthHouse>>

export const newPassword = () => randomBytes(12).toString('base64url')
export const newEmail = () => `${randomUUID()}@example.org`

export const credentialsOf = (session: Session): Credentials => ({
  accessToken: session.access_token,
  signingKey: session.signing_key,
})

export interface Person {
  session: Session
  credentials: Credentials
  email: string
  password: string
}

/** A person with a family of their own. */
export async function givenOwner({ api }: AuthHouse, displayName = 'Ann'): Promise<Person> {
  const email = newEmail()
  const password = newPassword()
  const session = await api.call('register', {
    body: { email, password, display_name: displayName, family_name: `The ${displayName}s` },
  })
  return { session, credentials: credentialsOf(session), email, password }
}

/** Somebody whom the owner invited, registered by the invitation. */
export async function givenMember(house: AuthHouse, owner: Person, role: Role): Promise<Person> {
  const { token } = await house.api.call('createInvitation', {
    params: { id: owner.session.family.id },
    body: { role },
    credentials: owner.credentials,
  })
  const email = newEmail()
  const password = newPassword()
  const session = await house.api.call('register', {
    body: { email, password, display_name: role, invitation_token: token },
  })
  return { session, credentials: credentialsOf(session), email, password }
}

/** Waits for a refusal and answers it. */
export async function refused(work: Promise<unknown>, code: ProblemCode): Promise<ApiError> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  expect(error).toBeInstanceOf(ApiError)
  expect((error as ApiError).problem.code).toBe(code)
  return error as ApiError
}

export const typesOf = (events: DomainEvent[]) => events.map(({ type }) => type)
