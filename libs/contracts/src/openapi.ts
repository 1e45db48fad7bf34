import * as z from 'zod'
import { type Permission, rolesWith } from './permissions.ts'
import { type ProblemCode, problems } from './problems.ts'
import type { Route } from './route.ts'
import { allRoutes, type RouteId } from './routes.ts'
import { ProblemDocument } from './system.ts'

type Json = Record<string, unknown>
type Io = 'input' | 'output'

/** Problems that every route of a kind can answer, beside its own. */
function problemsOf(route: Route): ProblemCode[] {
  const common: ProblemCode[] = ['invalid_request', 'rate_limited', 'internal', 'upstream_unavailable']
  const signed: ProblemCode[] = [
    'signature_missing',
    'signature_invalid',
    'signature_expired',
    'digest_mismatch',
    'nonce_reused',
  ]
  const token: ProblemCode[] = ['unauthenticated', 'token_invalid', 'token_expired', 'token_revoked']
  const changes = route.method !== 'GET'
  return [
    ...new Set<ProblemCode>([
      ...common,
      ...(route.access === 'user' ? token : []),
      ...(route.access === 'public' ? [] : signed),
      ...(route.access !== 'public' && changes ? (['replay_guard_unavailable'] as const) : []),
      ...(route.permissions.length > 0 ? (['permission_denied'] as const) : []),
      ...(route.idempotency === 'required' ? (['idempotency_key_missing'] as const) : []),
      ...(route.idempotency === 'none' ? [] : (['idempotency_key_reused', 'request_in_progress'] as const)),
      ...(route.body ? (['body_too_large', 'unsupported_media_type'] as const) : []),
      ...route.problems,
    ]),
  ]
}

/** The OpenAPI 3.1 document of the whole API, from the one table of routes. */
export function openApiDocument(version: string): Json {
  const components: Record<string, Json> = {}
  const schema = schemaWriter(components)
  const paths: Record<string, Json> = {}
  for (const route of allRoutes) {
    const path = (paths[route.path] ??= {})
    path[route.method.toLowerCase()] = operation(route, schema)
  }
  schema(ProblemDocument, 'output')
  return {
    openapi: '3.1.0',
    info: {
      title: 'Common Purse',
      version,
      summary:
        'A family’s shared money: approvals, corrections that never erase, a trail the family can check.',
      description:
        'Every signed-in call that changes something is signed (RFC 9421); docs/SIGNING.md says how.',
      license: { name: 'MIT', identifier: 'MIT' },
      contact: { name: 'Common Purse' },
    },
    servers: [{ url: '/' }],
    tags: tags.map(([name, description]) => ({ name, description })),
    paths,
    components: { schemas: components, securitySchemes },
  }
}

const tags = [
  ['auth', 'Sign-in, sessions, families, invitations, Telegram'],
  ['ledger', 'Accounts and transactions'],
  ['audit', 'The trail'],
  ['gateway', 'The system itself'],
] as const

const securitySchemes = {
  accessToken: {
    type: 'http',
    scheme: 'bearer',
    bearerFormat: 'JWT',
    description: 'The access_token of a session',
  },
  signature: {
    type: 'apiKey',
    in: 'header',
    name: 'Signature',
    description:
      'RFC 9421 HTTP message signature with hmac-sha256 and the session’s signing_key; see docs/SIGNING.md',
  },
}

const securityOf = ({ access, method }: Route): Json[] => {
  if (access === 'public') return []
  if (access === 'bot') return [{ signature: [] }]
  return method === 'GET' ? [{ accessToken: [] }] : [{ accessToken: [], signature: [] }]
}

function operation(route: Route & { id: RouteId }, schema: WriteSchema): Json {
  return {
    operationId: route.id,
    tags: [route.service],
    summary: route.summary,
    description: describe(route),
    security: securityOf(route),
    parameters: parametersOf(route),
    ...(route.body
      ? {
          requestBody: {
            required: !route.body.safeParse({}).success,
            content: { 'application/json': { schema: schema(route.body, 'input') } },
          },
        }
      : {}),
    responses: responsesOf(route, schema),
  }
}

function describe({ permissions, idempotency, access }: Route): string {
  const need = (permission: Permission) => `\`${permission}\` (${rolesWith(permission).join(', ')})`
  return [
    access === 'bot' ? 'Called by the bot alone, signed with the bot’s own key and without a token.' : '',
    permissions.length > 0 ? `Needs ${permissions.map(need).join(' or ')}.` : '',
    idempotency === 'required' ? 'Needs an `Idempotency-Key`.' : '',
    idempotency === 'honoured' ? 'Honours an `Idempotency-Key`.' : '',
  ]
    .filter((sentence) => sentence !== '')
    .join(' ')
}

function parametersOf(route: Route): Json[] {
  const inObject = (part: z.ZodObject | undefined, where: 'path' | 'query'): Json[] =>
    Object.entries(part?.shape ?? {}).map(([name, field]) => ({
      name,
      in: where,
      required: where === 'path' || !(field as z.ZodType).safeParse(undefined).success,
      schema: inline(field as z.ZodType),
    }))
  const key: Json[] =
    route.idempotency === 'none'
      ? []
      : [
          {
            name: 'Idempotency-Key',
            in: 'header',
            required: route.idempotency === 'required',
            description:
              'A new random value for each new intention; a repeat with the same value is answered as the first',
            schema: { type: 'string', minLength: 1, maxLength: 255 },
          },
        ]
  return [...inObject(route.params, 'path'), ...inObject(route.query, 'query'), ...key]
}

function responsesOf(route: Route, schema: WriteSchema): Json {
  const body = route.produces
    ? { content: { [route.produces]: { schema: { type: 'string' } } } }
    : route.response
      ? { content: { 'application/json': { schema: schema(route.response, 'output') } } }
      : {}
  const byStatus = Map.groupBy(problemsOf(route), (code) => problems[code].status)
  const refusals = [...byStatus]
    .toSorted(([one], [other]) => one - other)
    .map(([status, codes]) => [
      status,
      {
        description: codes.map((code) => `\`${code}\`: ${problems[code].title}`).join('\n\n'),
        ...(status === 429 || status === 503
          ? { headers: { 'Retry-After': { description: 'Seconds to wait', schema: { type: 'integer' } } } }
          : {}),
        content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
      },
    ])
  return { [route.status]: { description: 'Done', ...body }, ...(Object.fromEntries(refusals) as Json) }
}

type WriteSchema = (type: z.ZodType, io: Io) => Json

const isNamed = (schema: Json): schema is Json & { id: string } => typeof schema['id'] === 'string'

/** JSON Schema of a part of the contract, without references. */
const inline = (type: z.ZodType): Json => tidy(z.toJSONSchema(type, { io: 'input', reused: 'inline' }))

/** Writes named schemas once into `components` and answers references to them. */
function schemaWriter(components: Record<string, Json>): WriteSchema {
  return (type, io) => {
    const whole = z.toJSONSchema(type, { io, reused: 'inline' }) as Json
    const definitions = (whole['$defs'] ?? {}) as Record<string, Json>
    for (const [id, definition] of Object.entries(definitions)) components[id] ??= tidy(definition)
    if (!isNamed(whole)) return tidy(whole)
    components[whole.id] ??= tidy(whole)
    return { $ref: `#/components/schemas/${whole.id}` }
  }
}

const ofDocuments = new Set(['$schema', '$defs', 'id', '$id'])

/** Leaves out what only a document of its own needs, and points references at the components. */
function tidy(schema: Json): Json {
  const value = ([key, part]: [string, unknown]): [string, unknown] => {
    if (key === '$ref') return [key, `#/components/schemas/${String(part).replace('#/$defs/', '')}`]
    if (key === 'properties')
      return [
        key,
        Object.fromEntries(Object.entries(part as Json).map(([name, field]) => [name, deep(field)])),
      ]
    return [key, deep(part)]
  }
  const deep = (part: unknown): unknown => {
    if (Array.isArray(part)) return part.map(deep)
    return typeof part === 'object' && part !== null ? tidy(part as Json) : part
  }
  return Object.fromEntries(
    Object.entries(schema)
      .filter(([key]) => !ofDocuments.has(key))
      .map(value),
  )
}
