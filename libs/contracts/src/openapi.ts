import { parametersOf } from './openapi-parameters.ts'
import { headers, problemExamples, responsesOf } from './openapi-responses.ts'
import { type Json, schemaWriter, type WriteSchema } from './openapi-schemas.ts'
import { type Permission, rolesWith } from './permissions.ts'
import type { Route } from './route.ts'
import { allRoutes, type RouteId } from './routes.ts'
import { ProblemDocument } from './system.ts'

/** The OpenAPI 3.1 document of the whole API, from the one table of routes. */
export function openApiDocument(version: string): Json {
  const schemas: Record<string, Json> = {}
  const schema = schemaWriter(schemas)
  const responses: Record<string, Json> = {}
  const paths: Record<string, Json> = {}
  for (const route of allRoutes) {
    const path = (paths[route.path] ??= {})
    path[route.method.toLowerCase()] = operation(route, schema, responses)
  }
  schema(ProblemDocument, 'output')
  return {
    openapi: '3.1.0',
    info: {
      title: 'Common Purse',
      version,
      summary:
        'A family’s shared money: approvals, corrections that never erase, a trail the family can check.',
      description: about,
      license: { name: 'MIT', identifier: 'MIT' },
      contact: { name: 'Common Purse' },
    },
    servers: [{ url: '/' }],
    tags: tags.map(([name, description]) => ({ name, description })),
    paths,
    components: { schemas, responses, headers, securitySchemes, examples: problemExamples },
  }
}

const about = [
  'Every signed-in call that changes something is signed (RFC 9421); docs/SIGNING.md says how. A signature on a read is',
  'verified when it is there.',
  '\n\nEvery answer that is not 2xx is a problem document (RFC 9457) whose `code` says what to do; docs/problems.md lists them.',
  'Each GET answers HEAD too, without the body, and OPTIONS tells the methods of an address in `Allow`. An address that is not',
  'in this document answers 404 `not_found`, and another method 405 `method_not_allowed`. Behind one of these addresses sits a',
  'gateway that takes a request target as it stands: no percent-encoding in the path, no empty or dot segments.',
  '\n\nA `traceparent` header (W3C Trace Context) is taken up; the trace’s id is in every problem document as `trace_id`.',
].join(' ')

const tags = [
  ['audit', 'The trail'],
  ['auth', 'Sign-in, sessions, families, invitations, Telegram'],
  ['gateway', 'The system itself'],
  ['ledger', 'Accounts and transactions'],
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
  signatureInput: {
    type: 'apiKey',
    in: 'header',
    name: 'Signature-Input',
    description: 'What the signature covers, with `created`, `nonce`, `keyid` and `alg` (RFC 9421)',
  },
  contentDigest: {
    type: 'apiKey',
    in: 'header',
    name: 'Content-Digest',
    description: 'sha-256 of the body, of an empty one too (RFC 9530)',
  },
}

const signature = { signature: [], signatureInput: [], contentDigest: [] }

const securityOf = ({ access, method }: Route): Json[] => {
  if (access === 'public') return []
  if (access === 'bot') return [signature]
  const signed = { accessToken: [], ...signature }
  return method === 'GET' ? [{ accessToken: [] }, signed] : [signed]
}

function operation(
  route: Route & { id: RouteId },
  schema: WriteSchema,
  responses: Record<string, Json>,
): Json {
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
            content: {
              'application/json': { schema: schema(route.body, 'input'), ...exampleOf(route.body) },
            },
          },
        }
      : {}),
    responses: responsesOf(route, schema, responses),
  }
}

/** The schema itself loses its example where the body is transformed as it is read. */
function exampleOf(body: NonNullable<Route['body']>): Json {
  const [example] = (body.meta()?.['examples'] ?? []) as unknown[]
  return example === undefined ? {} : { example }
}

const callers: Record<Route['access'], string> = {
  public: 'Anybody may call it.',
  user: 'Any signed-in member may call it.',
  bot: 'Called by the bot alone, signed with the bot’s own key and without a token.',
}

function describe({ permissions, idempotency, access }: Route): string {
  const need = (permission: Permission) => `\`${permission}\` (${rolesWith(permission).join(', ')})`
  return [
    permissions.length > 0 ? `Needs ${permissions.map(need).join(' or ')}.` : callers[access],
    idempotency === 'required' ? 'Needs an `Idempotency-Key`.' : '',
    idempotency === 'honoured' ? 'Honours an `Idempotency-Key`.' : '',
  ]
    .filter((sentence) => sentence !== '')
    .join(' ')
}
