import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import pg from 'pg'
import { createClient } from '../../libs/client/src/index.ts'
import { allRoutes, type ProblemDocument, type Route, type RouteId } from '../../libs/contracts/src/index.ts'
import type { Person } from '../support/given.ts'
import { bodies } from './permissions/bodies.ts'
import { promised, roles } from './permissions/page.ts'
import * as given from './permissions/scene.ts'

let scene: given.Scene
let database: pg.Client
/** Things of another family, by the first part of the path that takes an id. */
let foreignIds: Record<string, string>

beforeAll(async () => {
  scene = await given.startScene()
  database = new pg.Client({ connectionString: scene.house.database.adminUrl })
  await database.connect()
  foreignIds = await givenForeignThings(scene)
}, 60_000)
afterAll(async () => {
  await database.end()
  await scene.house.stop()
})

async function givenForeignThings({ foreign: { owner, people, id } }: given.Scene) {
  const account = await owner.ledger.call('openAccount', {
    body: { name: 'Theirs', kind: 'cash', currency: 'EUR', opening_balance: '1000.00' },
  })
  const waiting = await given.spend(people['member']!, account, '150.00')
  const category = await given.newCategory(owner)
  const invitation = await owner.auth.call('createInvitation', { params: { id }, body: { role: 'child' } })
  const entry = await given.entryOf(owner, account.id)
  return {
    accounts: account.id,
    transactions: waiting.id!,
    categories: category.id,
    audit: entry.id,
    families: id,
    auth: owner.session.session_id,
    invitations: invitation.id,
    members: people['member']!.userId,
  }
}

const userRoutes = allRoutes.filter(({ access }) => access === 'user')
const named = userRoutes.map((route) => ({ name: `${route.method} ${route.path}`, route }))
const changing = named.filter(({ route }) => route.method !== 'GET')

const fill = (path: string, ids: Record<string, string>) =>
  path
    .replace('{invitation_id}', ids['invitations'] ?? randomUUID())
    .replace('{user_id}', ids['members'] ?? randomUUID())
    .replace('{code}', 'x'.repeat(32))
    .replace(/\/(\w+)((?:\/\w+)?)\/\{id\}/, (_, first: string, more: string) => {
      const id = ids[first] ?? randomUUID()
      return `/${first}${more}/${id}`
    })

const bodyOf = (route: Route & { id: RouteId }) =>
  route.body ? JSON.stringify(bodies[route.id] ?? {}) : undefined

interface Sent {
  body?: string | undefined
  target?: string
  person?: Person
  key?: string | undefined
}

/** Sends a signed request as the person, or one without any credentials. */
async function send(route: Route & { id: RouteId }, { body, target, person, key }: Sent) {
  const client = createClient({ baseUrl: scene.house.urls.gateway })
  const answer = await client.send({
    method: route.method,
    target: target ?? fill(route.path, {}),
    body,
    idempotencyKey: key ?? (route.method === 'GET' ? undefined : randomUUID()),
    credentials: person && {
      accessToken: person.session.access_token,
      signingKey: person.session.signing_key,
    },
  })
  return { status: answer.status, problem: answer.body as ProblemDocument }
}

const changesOf = async (familyId: string): Promise<unknown> =>
  (
    await database.query(
      `SELECT (SELECT count(*)::int FROM auth.outbox WHERE family_id = $1) AS auth,
              (SELECT count(*)::int FROM ledger.outbox WHERE family_id = $1) AS ledger`,
      [familyId],
    )
  ).rows[0]

describe.each(named)('$name', ({ route }) => {
  test('wants an access token', async () => {
    const answer = await send(route, { body: bodyOf(route) })
    expect([answer.status, answer.problem.code]).toEqual([401, 'unauthenticated'])
  })

  test('refuses a token of nobody', async () => {
    const response = await fetch(scene.house.urls.gateway + fill(route.path, {}), {
      method: route.method,
      headers: { authorization: 'Bearer a.b.c', 'content-type': 'application/json' },
      ...(route.body ? { body: bodyOf(route)! } : {}),
    })
    expect([response.status, ((await response.json()) as ProblemDocument).code]).toEqual([
      401,
      'token_invalid',
    ])
  })

  test('refuses an unknown parameter by its name', async () => {
    const target = `${fill(route.path, {})}?surprise=1`
    const { problem } = await send(route, { body: bodyOf(route), target, person: scene.people.owner })
    const isUnknownId = route.path.includes('{') && problem.code === 'not_found'
    if (!isUnknownId) expect(problem.errors).toContainEqual(expect.objectContaining({ field: 'surprise' }))
  })
})

describe.each(changing)('$name', ({ route }) => {
  test('wants a signature', async () => {
    const { session } = scene.people.owner
    const response = await fetch(scene.house.urls.gateway + fill(route.path, {}), {
      method: route.method,
      headers: {
        authorization: `Bearer ${session.access_token}`,
        'content-type': 'application/json',
        'idempotency-key': randomUUID(),
      },
      ...(route.body ? { body: bodyOf(route)! } : {}),
    })
    expect([response.status, ((await response.json()) as ProblemDocument).code]).toEqual([
      401,
      'signature_missing',
    ])
  })

  if (route.body)
    test.each(['{', '[]', 'null', '"text"', '{"surprise":1}', '{"__proto__":{}}', '{"a":1,"a":1}'])(
      'refuses the body %s',
      async (body) => {
        const before = await changesOf(scene.family.id)
        const answer = await send(route, {
          body,
          person: scene.people.owner,
          target: fill(route.path, ownIds()),
        })
        expect([answer.status, answer.problem.code]).toEqual([400, 'invalid_request'])
        if (body.includes('surprise'))
          expect(answer.problem.errors).toContainEqual(expect.objectContaining({ field: 'surprise' }))
        expect(await changesOf(scene.family.id)).toEqual(before)
      },
    )
})

const ownIds = () => ({ families: scene.family.id })

describe.each(named.filter(({ route }) => /\{\w*id\}/.test(route.path)))('$name', ({ route }) => {
  test.each(roles)('a %s finds nothing of another family', async (role) => {
    const before = await changesOf(scene.foreign.id)
    const target = fill(route.path, foreignIds)
    const { problem } = await send(route, { body: bodyOf(route), target, person: scene.people[role] })
    const mayDoIt =
      route.path.includes('/families/') ||
      route.permissions.length === 0 ||
      route.permissions.some((permission) => promised[permission][roles.indexOf(role)] !== '-')
    expect([problem.status, problem.code]).toEqual(mayDoIt ? [404, 'not_found'] : [403, 'permission_denied'])
    expect(await changesOf(scene.foreign.id)).toEqual(before)
  })
})
