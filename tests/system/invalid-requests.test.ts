import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import pg from 'pg'
import { createClient } from '../../libs/client/src/index.ts'
import { allRoutes, type ProblemDocument, type Route, type RouteId } from '../../libs/contracts/src/index.ts'
import { compiler, type Json, readDocument } from '../support/documented.ts'
import { bodies } from './permissions/bodies.ts'
import * as given from './permissions/scene.ts'

type NamedRoute = Route & { id: RouteId }

const document = readDocument()
const { schemas } = document.components
const compile = compiler(schemas)

let scene: given.Scene
let database: pg.Client
beforeAll(async () => {
  scene = await given.startScene()
  database = new pg.Client({ connectionString: scene.house.database.adminUrl })
  await database.connect()
}, 60_000)
afterAll(async () => {
  await database.end()
  await scene.house.stop()
})

/** Values of every kind, most of which are wrong in most places; the document says which are. */
const values: unknown[] = [
  null,
  true,
  0,
  -1,
  1.5,
  '',
  ' ',
  'surprise',
  'a\nb',
  'a\u0000b',
  '-1',
  '1e3',
  '0',
  '101',
  '2026-02-30T12:00:00Z',
  '00000000-0000-4000-8000-00000000000g',
  'x'.repeat(1_000),
  [],
  ['surprise'],
  [[]],
  {},
  { surprise: 1 },
]

const resolved = (schema: Json): Json => {
  const name = /^#\/components\/schemas\/(.+)$/.exec(String(schema['$ref']))?.[1]
  return name === undefined ? schema : schemas[name]!
}
const operationOf = ({ path, method }: Route) => document.paths[path]![method.toLowerCase()]!
const isWrong = (schema: Json, value: unknown) => !compile(schema).safeParse(value).success

const emptyIds = (route: Route) =>
  route.path
    .replace('/families/{id}', `/families/${scene.family.id}`)
    .replace('{code}', 'x'.repeat(32))
    .replaceAll(/\{\w+\}/g, () => randomUUID())

function credentialsFor({ access }: Route) {
  if (access === 'public') return {}
  if (access === 'bot')
    return { signingKey: { key_id: 'bot.v1', secret: scene.house.env['BOT_CLIENT_SECRET']! } }
  const { access_token: accessToken, signing_key: signingKey } = scene.people.owner.session
  return { accessToken, signingKey }
}

/** Sends what is wrong in one field; answers what is not as it should be, or nothing. */
async function misjudged(route: NamedRoute, field: string, sent: { query?: string; body?: unknown }) {
  const { status, body } = await createClient({ baseUrl: scene.house.urls.gateway }).send({
    method: route.method,
    target: emptyIds(route) + (sent.query ?? ''),
    body: sent.body === undefined ? undefined : JSON.stringify(sent.body),
    idempotencyKey: route.idempotency === 'none' ? undefined : randomUUID(),
    credentials: credentialsFor(route),
  })
  const { code, errors = [] } = body as Partial<ProblemDocument>
  const named = errors.some((error) => error.field === field || error.field.startsWith(`${field}.`))
  return status === 400 && code === 'invalid_request' && named
    ? []
    : [{ field, sent: JSON.stringify(sent).slice(0, 200), status, code, errors }]
}

const countEvents = async (): Promise<unknown> =>
  (
    await database.query(
      'SELECT (SELECT count(*)::int FROM auth.outbox) AS auth, (SELECT count(*)::int FROM ledger.outbox) AS ledger',
    )
  ).rows[0]

async function expectEachRefused(tries: (() => Promise<unknown[]>)[]): Promise<void> {
  const before = await countEvents()
  const wrong: unknown[] = []
  for (const attempt of tries) wrong.push(...(await attempt()))
  expect(wrong).toEqual([])
  expect(tries.length).toBeGreaterThan(0)
  expect(await countEvents()).toEqual(before)
}

const named = (routes: readonly NamedRoute[]) =>
  routes.map((route) => ({ name: `${route.method} ${route.path}`, route }))

describe('what the document calls a wrong body is refused by the name of the field:', () => {
  test.each(named(allRoutes.filter(({ body }) => body)))('$name', async ({ route }) => {
    const schema = resolved(operationOf(route).requestBody!.content['application/json']!.schema)
    const right = { ...((schema['examples'] as Json[] | undefined)?.[0] ?? bodies[route.id] ?? {}) } as Json
    const fields = Object.entries(schema['properties'] as Record<string, Json>)
    const required = new Set((schema['required'] as string[] | undefined) ?? [])
    await expectEachRefused(
      fields.flatMap(([field, part]) => [
        ...values
          .filter((value) => isWrong(part, value))
          .map((value) => () => misjudged(route, field, { body: { ...right, [field]: value } })),
        ...(required.has(field)
          ? [() => misjudged(route, field, { body: { ...right, [field]: undefined } })]
          : []),
      ]),
    )
  })
})

describe('what the document calls a wrong parameter is refused by its name:', () => {
  test.each(named(allRoutes.filter(({ query }) => query)))('$name', async ({ route }) => {
    const parameters = operationOf(route).parameters.filter((parameter) => parameter.in === 'query')
    const texts = values.filter((value): value is string => typeof value === 'string')
    await expectEachRefused(
      parameters.flatMap(({ name, schema }) =>
        texts
          .filter((text) => isWrong(schema, text))
          .map(
            (text) => () =>
              misjudged(route, name, { query: `?${new URLSearchParams({ [name]: text }).toString()}` }),
          ),
      ),
    )
  })
})
