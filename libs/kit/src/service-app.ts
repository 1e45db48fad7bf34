import {
  allRoutes,
  type Answer,
  type FieldError,
  hasPermission,
  type OwningService,
  type ParsedBody,
  type ParsedParams,
  type ParsedQuery,
  type Permission,
  Problem,
  type Role,
  rolesWith,
  type Route,
  type RouteId,
  type RouteIdOf,
  type Routes,
} from '@common-purse/contracts'
import express, { type Express, type Request, type RequestHandler, type Response } from 'express'
import * as z from 'zod'
import type { Caller, VerifyToken } from './caller.ts'
import { fingerprintOf, type IdempotentRequest } from './idempotency.ts'
import { logAnswer } from './log-answer.ts'
import type { Logger } from './logger.ts'
import type { RequestMetrics } from './metrics.ts'
import { problemHandler } from './problem-handler.ts'
import { readContext, type RequestContext } from './request-context.ts'
import { sendStream, type StreamReply } from './send-stream.ts'
import { traceRequest } from './spans.ts'
import { parseJsonBody } from './strict-json.ts'

/** A parsed and permitted request, as a handler receives it. */
export interface Incoming<Id extends RouteId> {
  params: ParsedParams<Id>
  query: ParsedQuery<Id>
  body: ParsedBody<Id>
  caller: Routes[Id]['access'] extends 'user' ? Caller : undefined
  context: RequestContext
  /** Set when the client gave a key on a route that honours one. */
  idempotency: IdempotentRequest | undefined
}

export interface Reply<Body> {
  body: Body
  /** The route's own status of success unless given. */
  status?: number
  /** True when this is the stored answer of an earlier request. */
  replayed?: boolean
  /** `Cache-Control` of an answer that is everybody's; without it nothing is stored anywhere. */
  cacheControl?: string
}

type ReplyTo<Id extends RouteId> = Routes[Id] extends { produces: string } ? StreamReply : Reply<Answer<Id>>

export type Handler<Id extends RouteId> = (incoming: Incoming<Id>) => Promise<ReplyTo<Id>> | ReplyTo<Id>

/** A handler as it is called, whichever route it is for. */
type AnyHandler = (incoming: Incoming<RouteId>) => Promise<Reply<unknown> | StreamReply>

/** One handler for each route that the service owns: none can be missing, none can be extra. */
export type Handlers<Service extends OwningService> = { [Id in RouteIdOf<Service>]: Handler<Id> }

export interface ServiceAppOptions<Service extends OwningService> {
  service: Service
  handlers: Handlers<Service>
  verifyToken: VerifyToken
  /** Checks the bot's own signature; only a service with bot routes has one. */
  verifyBot?: (req: Request, body: Buffer) => void
  metrics: RequestMetrics
  logger: Logger
}

const BODY_MAX = '1mb'
/** As many wrong fields are named: an answer must not be larger than what was asked. */
const ERRORS_MAX = 100

/** The HTTP face of a service, made from the table of routes: who may call, what is valid, who answers. */
export function createServiceApp<Service extends OwningService>(
  options: ServiceAppOptions<Service>,
): Express {
  const app = express().disable('x-powered-by').disable('etag').set('query parser', 'simple')
  app.use((req, res, next) =>
    traceRequest(req, res, () => {
      const context = readContext(req)
      res.locals['context'] = context
      logAnswer(req, res, options.logger, context)
      options.metrics.observe(req, res)
      next()
    }),
  )
  app.use(express.raw({ type: () => true, limit: BODY_MAX, inflate: false }))
  for (const route of allRoutes.filter(({ service }) => service === options.service)) {
    const handler = options.handlers[route.id as RouteIdOf<Service>] as unknown as AnyHandler
    const path = route.path.replaceAll(/\{(\w+)\}/g, ':$1')
    app[route.method.toLowerCase() as 'get'](path, endpoint(route, handler, options))
  }
  app.use(() => {
    throw new Problem('not_found', 'There is nothing at this address')
  })
  app.use(problemHandler(options.logger, { tellCode: true }))
  return app
}

function endpoint<Service extends OwningService>(
  route: Route & { id: RouteId },
  handler: AnyHandler,
  options: ServiceAppOptions<Service>,
): RequestHandler {
  return async (req, res) => {
    res.locals['route'] = route.path
    const body = Buffer.isBuffer(req.body) ? req.body : Buffer.alloc(0)
    const caller = await identify(route, req, body, options)
    const incoming = {
      ...parseRequest(route, req, body),
      caller,
      context: res.locals['context'] as RequestContext,
      idempotency: caller && idempotencyOf(route, req, body, caller),
    } as Incoming<RouteId>
    const reply = await handler(incoming)
    if ('stream' in reply) await sendStream(res, { status: route.status, type: route.produces! }, reply)
    else sendReply(res, route, reply)
  }
}

async function identify<Service extends OwningService>(
  route: Route,
  req: Request,
  body: Buffer,
  options: ServiceAppOptions<Service>,
): Promise<Caller | undefined> {
  if (route.access === 'public') return undefined
  if (route.access === 'bot') {
    if (!options.verifyBot) throw new Problem('unauthenticated', 'Only the bot may call this')
    options.verifyBot(req, body)
    return undefined
  }
  const caller = await options.verifyToken(req.get('authorization'))
  requireRoutePermission(caller, route, req.path)
  return caller
}

/**
 * The route's permissions against the caller's role. For another family of theirs that the path names, the token does
 * not know the role: there the auth service alone decides, by what it has stored.
 */
export function requireRoutePermission(
  caller: Caller,
  route: Pick<Route, 'family' | 'permissions'>,
  path: string,
): void {
  const ofTokensFamily = route.family === 'token' || path.split('/').includes(caller.familyId)
  if (ofTokensFamily) requireAnyPermission(caller.role, route.permissions)
}

/** Throws `permission_denied`, naming the permission and the roles that have it, unless the role has one of them. */
export function requireAnyPermission(role: Role, permissions: readonly Permission[]): void {
  if (permissions.length === 0 || permissions.some((permission) => hasPermission(role, permission))) return
  const needed = permissions.map(
    (permission) => `${permission} (which ${rolesWith(permission).join(', ')} have)`,
  )
  throw new Problem('permission_denied', `This needs the permission ${needed.join(' or ')}; you are ${role}`)
}

function parseRequest(route: Route, req: Request, body: Buffer) {
  if (body.length > 0 && route.body && !isJson(req))
    throw new Problem('unsupported_media_type', 'Send the body as Content-Type: application/json, in UTF-8')
  if (body.length > 0 && !route.body) throw new Problem('invalid_request', 'This call takes no body')
  return {
    params: parsePart(route.params, req.params, true),
    query: parsePart(route.query ?? z.strictObject({}), req.query),
    body: route.body ? parsePart(route.body, parseJsonBody(body)) : undefined,
  }
}

/** JSON is UTF-8 (RFC 8259): another charset would be read otherwise by who believes it. */
const isJson = (req: Request): boolean =>
  Boolean(req.is(['application/json', 'application/*+json'])) &&
  !/;\s*charset\s*=\s*(?!"?utf-?8"?\s*(?:;|$))/i.test(req.get('content-type') ?? '')

/** Parses one part of a request; throws `invalid_request` that names each wrong field. */
function parsePart(schema: z.ZodType | undefined, value: unknown, inPath = false): unknown {
  if (!schema) return undefined
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  // An id that cannot exist is an id that does not exist.
  if (inPath) throw new Problem('not_found', 'There is nothing with this id')
  const errors = parsed.error.issues.slice(0, ERRORS_MAX).flatMap(toFieldErrors).slice(0, ERRORS_MAX)
  throw new Problem(
    'invalid_request',
    errors
      .map(({ field, message }) => `${field || 'body'}: ${message}`)
      .join('; ')
      .slice(0, 1000),
    { errors },
  )
}

function toFieldErrors(issue: z.core.$ZodIssue): FieldError[] {
  const path = issue.path.map(String)
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => ({
      field: [...path, key].join('.').slice(0, 100),
      message: 'Unknown field',
    }))
  return [{ field: path.join('.'), message: issue.message.replace(missing, 'Missing: expected $1') }]
}

/** How zod says that a field is not there, in words of JavaScript. */
const missing = /^Invalid input: expected (.*), received undefined$/

function idempotencyOf(
  route: Route,
  req: Request,
  body: Buffer,
  caller: Caller,
): IdempotentRequest | undefined {
  if (route.idempotency === 'none') return undefined
  const key = req.get('idempotency-key')
  if (key === undefined) {
    if (route.idempotency === 'honoured') return undefined
    throw new Problem(
      'idempotency_key_missing',
      'Send an Idempotency-Key: a new random value for each new intention',
    )
  }
  if (!/^[\x21-\x7e]{1,255}$/.test(key))
    throw new Problem('invalid_request', 'Idempotency-Key must be 1 to 255 printable ASCII characters', {
      errors: [{ field: 'Idempotency-Key', message: 'Expected 1 to 255 printable ASCII characters' }],
    })
  const { method, originalUrl: target } = req
  const fingerprint = fingerprintOf({ method, target, userId: caller.userId, body })
  return { familyId: caller.familyId, key, fingerprint }
}

function sendReply(res: Response, route: Route, reply: Reply<unknown>): void {
  if (reply.replayed) res.set('idempotent-replayed', 'true')
  res.set('cache-control', reply.cacheControl ?? 'no-store')
  const status = reply.status ?? route.status
  if (status === 204) res.status(204).end()
  else res.status(status).type('application/json').send(JSON.stringify(reply.body))
}
