import {
  type Answer,
  type ProblemDocument,
  type Route,
  type RouteId,
  routes,
  type SentBody,
  type SentParams,
  type SentQuery,
} from '@common-purse/contracts'
import { type RetryOptions, sendWithRetries } from './retry.ts'
import { createServerTime } from './server-time.ts'
import { type KeyToSignWith, type RequestToSign, signRequest } from './sign-request.ts'

/** What one call needs of a session. The bot's own calls have a key and no token. */
export interface Credentials {
  accessToken?: string | undefined
  signingKey?: KeyToSignWith | undefined
}

type Optional<Key extends string, Value> = undefined extends Value
  ? { [K in Key]?: Value }
  : { [K in Key]: Value }

/** Parameters, query and body of a call, as the contract's schemas take them. */
export type CallInput<Id extends RouteId> = Optional<'params', SentParams<Id>> &
  Optional<'body', SentBody<Id>> & {
    query?: SentQuery<Id>
    idempotencyKey?: string
    credentials?: Credentials
  }

/**
 * `retries` are for calls that may be repeated: reads, changes (they go with the same idempotency key and a new nonce), and the
 * exchange of a refresh token, which has the same outcome for some seconds.
 */
export interface ClientOptions extends RetryOptions {
  /** Origin of the gateway, without a path. */
  baseUrl: string
  /** Asked before each call that gives no credentials of its own. */
  credentials?: () => Promise<Credentials | undefined> | Credentials | undefined
  fetch?: typeof fetch
  /** Milliseconds before a call is given up; 10 s unless told. */
  timeoutMs?: number
  headers?: Record<string, string>
  /** This machine's time in milliseconds; a server that tells another one is believed. */
  now?: () => number
}

/** A refusal of the API, with its problem document. */
export class ApiError extends Error {
  readonly problem: ProblemDocument
  /** Seconds to wait before another try, when the server said so. */
  readonly retryAfter: number | undefined
  constructor(problem: ProblemDocument, retryAfter?: number) {
    super(problem.detail || problem.title)
    this.name = 'ApiError'
    this.problem = problem
    this.retryAfter = retryAfter
  }
}

export interface RawAnswer {
  status: number
  headers: Headers
  body: unknown
}

export interface ApiClient {
  /** Calls an endpoint of the contract by its name; throws {@link ApiError} for anything but 2xx. */
  call<Id extends RouteId>(id: Id, input?: CallInput<Id>): Promise<Answer<Id>>
  /**
   * Sends any request, signed when there is a key, and answers whatever came back. Where the signature's time was refused it
   * is sent once more with the server's time, by which all later ones are signed too.
   */
  send(request: RequestToSign & { credentials?: Credentials | undefined }): Promise<RawAnswer>
}

/** A typed client of the API that signs what it sends; for Node and browsers. */
export function createClient(options: ClientOptions): ApiClient {
  const doFetch = options.fetch ?? fetch
  const time = createServerTime(options.now)

  const send: ApiClient['send'] = async (request) => {
    const answer = await sendOnce(request)
    const pauseMs = time.learn(answer)
    if (pauseMs === undefined) return answer
    await new Promise((resolve) => setTimeout(resolve, pauseMs))
    return await sendOnce(request)
  }

  const sendOnce: ApiClient['send'] = async (request) => {
    const credentials = request.credentials ?? (await options.credentials?.())
    const toSign = { ...request, authorization: bearer(credentials) }
    const answer = await doFetch(options.baseUrl + request.target, {
      method: request.method,
      headers: { ...options.headers, ...(await headersOf(toSign, credentials, time.now())) },
      signal: AbortSignal.timeout(options.timeoutMs ?? 10_000),
      ...(request.body === undefined ? {} : { body: request.body }),
    })
    return { status: answer.status, headers: answer.headers, body: await readBody(answer) }
  }

  const call = async <Id extends RouteId>(id: Id, input?: CallInput<Id>): Promise<Answer<Id>> => {
    const route: Route = routes[id]
    const { params, query, body, idempotencyKey, credentials } = (input ?? {}) as CallParts
    const key = idempotencyKey ?? (route.idempotency === 'none' ? undefined : crypto.randomUUID())
    const sendIt = () =>
      send({
        method: route.method,
        target: targetOf(route, params, query),
        body: body === undefined ? undefined : JSON.stringify(body),
        idempotencyKey: key,
        credentials: credentials ?? (route.access === 'public' ? {} : undefined),
      })
    const isRepeatable = route.method === 'GET' || key !== undefined || id === 'refreshToken'
    const answer = isRepeatable ? await sendWithRetries(sendIt, options) : await sendIt()
    if (answer.status >= 300) throw toApiError(answer)
    return answer.body as Answer<Id>
  }

  return { call, send }
}

interface CallParts {
  params?: Record<string, string>
  query?: Record<string, string | undefined>
  body?: unknown
  idempotencyKey?: string
  credentials?: Credentials
}

const bearer = (credentials: Credentials | undefined) =>
  credentials?.accessToken === undefined ? undefined : `Bearer ${credentials.accessToken}`

async function headersOf(request: RequestToSign, credentials: Credentials | undefined, now: number) {
  const headers: Record<string, string> = {}
  if (request.body !== undefined) headers['content-type'] = 'application/json'
  if (credentials?.signingKey)
    return { ...headers, ...(await signRequest(request, credentials.signingKey, now)) }
  if (request.authorization !== undefined) headers['authorization'] = request.authorization
  if (request.idempotencyKey !== undefined) headers['idempotency-key'] = request.idempotencyKey
  return headers
}

function targetOf(route: Route, params: CallParts['params'] = {}, query: CallParts['query'] = {}): string {
  const path = route.path.replaceAll(/\{(\w+)\}/g, (_, name: string) => params[name] ?? '')
  const given = Object.entries(query).filter((entry): entry is [string, string] => entry[1] !== undefined)
  const search = new URLSearchParams(given).toString()
  return search === '' ? path : `${path}?${search}`
}

async function readBody(answer: Response): Promise<unknown> {
  const text = await answer.text()
  if (text === '') return undefined
  return /\bjson\b/.test(answer.headers.get('content-type') ?? '') ? (JSON.parse(text) as unknown) : text
}

function toApiError({ status, headers, body }: RawAnswer): ApiError {
  const problem =
    typeof body === 'object' && body !== null && 'code' in body
      ? (body as ProblemDocument)
      : {
          type: 'about:blank',
          title: 'Unexpected answer',
          status,
          detail: '',
          code: status >= 500 ? 'upstream_unavailable' : 'invalid_request',
          request_id: headers.get('x-request-id') ?? '',
          errors: [],
        }
  const retryAfter = Number(headers.get('retry-after') ?? Number.NaN)
  return new ApiError(problem, Number.isFinite(retryAfter) ? retryAfter : undefined)
}
