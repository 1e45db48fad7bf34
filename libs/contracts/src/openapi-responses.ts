import type { Json, WriteSchema } from './openapi-schemas.ts'
import { type ProblemCode, problems } from './problems.ts'
import type { Route } from './route.ts'

const signed: ProblemCode[] = [
  'signature_missing',
  'signature_invalid',
  'signature_expired',
  'digest_mismatch',
  'nonce_reused',
]
const token: ProblemCode[] = ['unauthenticated', 'token_invalid', 'token_expired', 'token_revoked']

/** Problems that a route can answer: those of every route of its kind, and its own. */
export function problemsOf(route: Route): ProblemCode[] {
  const changes = route.method !== 'GET'
  const when = (condition: boolean, ...codes: ProblemCode[]) => (condition ? codes : [])
  return [
    ...new Set<ProblemCode>([
      'invalid_request',
      'rate_limited',
      'internal',
      ...when(route.service !== 'gateway', 'upstream_unavailable'),
      ...when(route.access === 'user', ...token),
      ...when(route.access !== 'public', ...signed),
      ...when(route.access !== 'public' && changes, 'replay_guard_unavailable'),
      ...when(route.permissions.length > 0, 'permission_denied'),
      ...when(route.idempotency === 'required', 'idempotency_key_missing'),
      ...when(route.idempotency !== 'none', 'idempotency_key_reused', 'request_in_progress'),
      ...when(changes, 'body_too_large', 'unsupported_media_type'),
      ...route.problems,
    ]),
  ]
}

const header = (name: string): Json => ({ $ref: `#/components/headers/${name}` })

/** Headers of answers, each described once. */
export const headers: Record<string, Json> = {
  'X-Request-Id': {
    description: 'Names this request in logs, in the trail and in the access log',
    required: true,
    schema: { type: 'string', format: 'uuid' },
  },
  RateLimit: {
    description:
      'What is left: `"address";r=2999;t=60`, remaining requests and seconds until the window ends',
    schema: { type: 'string' },
  },
  'RateLimit-Policy': {
    description: 'What is allowed: `"address";q=3000;w=60`, requests in a window of so many seconds',
    schema: { type: 'string' },
  },
  'Retry-After': {
    description: 'Seconds to wait before another try',
    required: true,
    schema: { type: 'integer', minimum: 1 },
  },
  'WWW-Authenticate': {
    description: 'How to authenticate (RFC 9110), with the problem’s code',
    required: true,
    schema: { type: 'string' },
  },
  'Idempotent-Replayed': {
    description: '`true`: this is the stored answer of the first request with this Idempotency-Key',
    schema: { type: 'string', const: 'true' },
  },
  'Content-Disposition': {
    description: 'The name of the file',
    required: true,
    schema: { type: 'string' },
  },
}

/** One example of each problem that an operation can answer. */
export const problemExamples: Record<string, Json> = Object.fromEntries(
  Object.entries(problems)
    // Another method is no operation.
    .filter(([code]) => code !== 'method_not_allowed')
    .map(([code, { status, title }]) => [
      code,
      {
        summary: title,
        value: {
          type: `/problems/${code}`,
          title,
          status,
          detail: code === 'invalid_request' ? 'amount: Expected more than zero' : title,
          code,
          request_id: '0197a6f2-5d3c-4f0e-9a51-3c1c2f4b7d10',
          trace_id: '4bf92f3577b34da6a3ce929d0e0e4736',
          errors: code === 'invalid_request' ? [{ field: 'amount', message: 'Expected more than zero' }] : [],
          ...(signed.includes(code as ProblemCode) ? { server_time: '2026-05-01T12:00:00.000Z' } : {}),
        },
      },
    ]),
)

/** Every answer of an operation by its status; refusals are written once into `components` and referred to. */
export function responsesOf(route: Route, schema: WriteSchema, components: Record<string, Json>): Json {
  const byStatus = Map.groupBy(problemsOf(route), (code) => problems[code].status)
  const refusals = [...byStatus]
    .toSorted(([one], [other]) => one - other)
    .map(([status, codes]) => {
      const replayable = route.idempotency !== 'none' && kept.includes(status)
      const name = nameOf(status, codes) + (replayable ? '-kept' : '')
      components[name] ??= refusal(status, codes, replayable)
      return [status, { $ref: `#/components/responses/${name}` }]
    })
  return { ...successes(route, schema), ...(Object.fromEntries(refusals) as Json) }
}

/** Statuses of refusals that are stored with an Idempotency-Key, as successes are. */
const kept = [403, 404, 409]

/** `401-token-signature-credentials_invalid`: the status and its codes, or what they are together. */
function nameOf(status: number, codes: ProblemCode[]): string {
  const groups = { token, signature: signed }
  const group = (code: ProblemCode) =>
    Object.entries(groups).find(([, members]) => members.includes(code))?.[0] ?? code
  return [status, ...new Set(codes.map(group))].join('-')
}

function successes(route: Route, schema: WriteSchema): Json {
  const body = route.produces
    ? { content: { [route.produces]: { schema: { type: 'string' } } } }
    : route.response
      ? { content: { 'application/json': { schema: schema(route.response, 'output') } } }
      : {}
  const answer = (description: string) => ({ description, headers: headersOf(route), ...body })
  const usual = answer(route.status === 201 ? 'Made' : route.status === 204 ? 'Done, without a body' : 'Done')
  return {
    ...(route.dryRun ? { 200: answer('What would happen: nothing was written, and `id` is null') } : {}),
    [route.status]: usual,
  }
}

const everywhere: Json = {
  'X-Request-Id': header('X-Request-Id'),
  RateLimit: header('RateLimit'),
  'RateLimit-Policy': header('RateLimit-Policy'),
}

const headersOf = (route: Route): Json => ({
  ...everywhere,
  ...(route.idempotency === 'none' ? {} : { 'Idempotent-Replayed': header('Idempotent-Replayed') }),
  ...(route.produces ? { 'Content-Disposition': header('Content-Disposition') } : {}),
})

function refusal(status: number, codes: ProblemCode[], replayable: boolean): Json {
  return {
    description: codes.map((code) => `\`${code}\`: ${problems[code].title}`).join('\n\n'),
    headers: {
      ...everywhere,
      ...(status === 401 ? { 'WWW-Authenticate': header('WWW-Authenticate') } : {}),
      ...(status === 429 || status === 503 ? { 'Retry-After': header('Retry-After') } : {}),
      ...(codes.includes('request_in_progress')
        ? { 'Retry-After': { ...headers['Retry-After'], required: false } }
        : {}),
      ...(replayable ? { 'Idempotent-Replayed': header('Idempotent-Replayed') } : {}),
    },
    content: {
      'application/problem+json': {
        schema: {
          allOf: [
            { $ref: '#/components/schemas/Problem' },
            { type: 'object', properties: { status: { const: status }, code: { enum: codes } } },
          ],
        },
        examples: Object.fromEntries(codes.map((code) => [code, { $ref: `#/components/examples/${code}` }])),
      },
    },
  }
}
