import { createHash, createHmac, randomBytes, randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'

/**
 * A signed client of Common Purse in one file, with nothing but Node's own modules: copy it and change it. The rules that it
 * follows are in docs/SIGNING.md.
 */

/** What signing in answers, as far as a client needs it; keep it where nobody else reads. */
export interface Session {
  access_token: string
  /** Seconds from when it was answered; refresh before. */
  expires_in: number
  refresh_token: string
  signing_key: { key_id: string; secret: string; algorithm: 'hmac-sha256' }
  user: { id: string; display_name: string }
  family: { id: string; name: string; role: string }
}

/** An answer that is not 2xx: a problem document (RFC 9457). Act on `code`, show `detail`, quote `request_id` when you ask for help. */
export interface ProblemDocument {
  code: string
  status: number
  detail: string
  request_id: string
  /** The fields that were refused, each with what was expected. */
  errors: { field: string; message: string }[]
  /** With every refused signature: what the clock of the server says. */
  server_time?: string
}

export class PurseError extends Error {
  readonly problem: ProblemDocument
  constructor(problem: ProblemDocument) {
    super(`${problem.status} ${problem.code}: ${problem.detail} (request ${problem.request_id})`)
    this.problem = problem
  }
}

export interface Answer<Body> {
  status: number
  body: Body
  /** The server had this Idempotency-Key before: nothing was done again, this is the answer of then. */
  replayed: boolean
}

interface Call {
  /** Sent as JSON. Amounts are text, "12.50": a JSON number would be refused. */
  body?: object
  /** Names the intention, not the try: a call that is repeated keeps its key. A new one unless given. */
  idempotencyKey?: string
}

export interface PurseClient {
  /** `target` is path and query, for instance `/api/v1/accounts?limit=10`. Throws PurseError for every answer that is not 2xx. */
  call<Body>(method: string, target: string, options?: Call): Promise<Answer<Body>>
  /** Another session from now on: after signing in, and after a refresh. */
  use(session: Session): void
}

const TRIES = 4

/** `now` is this machine's clock in milliseconds: a wrong one is put right by what the server says. */
export function createPurseClient(
  origin: string,
  first?: Session,
  now: () => number = Date.now,
): PurseClient {
  let session = first
  let aheadMs = 0

  async function send(method: string, target: string, body: Buffer, key: string | undefined) {
    const headers = new Headers(body.length > 0 ? { 'content-type': 'application/json' } : {})
    if (session)
      sign({ session, method, target, body, key, at: now() + aheadMs }).forEach(([name, value]) =>
        headers.set(name, value),
      )
    else if (key !== undefined) headers.set('idempotency-key', key)
    const answer = await fetch(origin + target, {
      method,
      headers,
      body: body.length > 0 ? new Uint8Array(body) : null,
      signal: AbortSignal.timeout(10_000),
    })
    const text = await answer.text()
    return { answer, body: /\bjson$/.test(mediaType(answer)) ? (JSON.parse(text) as unknown) : text }
  }

  async function call<Body>(method: string, target: string, options: Call = {}): Promise<Answer<Body>> {
    const body = Buffer.from(options.body === undefined ? '' : JSON.stringify(options.body))
    // Chosen once, before the first try: whatever gets lost, the intention is carried out once.
    const key = method === 'GET' ? undefined : (options.idempotencyKey ?? randomUUID())
    for (let tries = 1; ; tries += 1) {
      // Every try is signed anew: a new nonce and the time of now. No answer at all is a reason to ask again, too.
      const received = await send(method, target, body, key).catch((lost: unknown) => {
        if (tries === TRIES) throw lost
        return undefined
      })
      if (received?.answer.ok) return answerOf<Body>(received)
      if (received) learnTime(received.body as ProblemDocument)
      await sleep(pauseAfter(received, tries))
    }
  }

  function learnTime({ server_time }: ProblemDocument): void {
    if (server_time !== undefined) aheadMs = Date.parse(server_time) - now()
  }

  return { call, use: (next) => void (session = next) }
}

interface Received {
  answer: Response
  /** What JSON says, or text. */
  body: unknown
}

const answerOf = <Body>({ answer, body }: Received): Answer<Body> => ({
  status: answer.status,
  body: body as Body,
  replayed: answer.headers.get('idempotent-replayed') === 'true',
})

/** Milliseconds after which another try may help; throws when the refusal stands. */
function pauseAfter(received: Received | undefined, tries: number): number {
  const longer = 200 * 2 ** tries
  if (!received) return longer
  const { status, headers } = received.answer
  const problem = problemOf(received)
  if (tries === TRIES) throw new PurseError(problem)
  // Our clock is wrong, and the answer has the server's. A second later if that was not it: its guard has just started anew.
  if (problem.code === 'signature_expired') return 1000 * (tries - 1)
  if (problem.code === 'request_in_progress' || [502, 503, 504].includes(status))
    return Math.max(Number(headers.get('retry-after') ?? 0) * 1000, longer)
  throw new PurseError(problem)
}

/** Something on the way, a proxy for instance, may refuse with a page of its own. */
const problemOf = ({ answer, body }: Received): ProblemDocument =>
  typeof body === 'string'
    ? {
        code: 'no_problem',
        status: answer.status,
        detail: body.slice(0, 200),
        request_id: 'unknown',
        errors: [],
      }
    : (body as ProblemDocument)

const mediaType = (answer: Response) => (answer.headers.get('content-type') ?? '').split(';', 1)[0]!

interface ToSign {
  session: Session
  method: string
  target: string
  body: Buffer
  key: string | undefined
  /** Milliseconds since 1970, by the server's clock as far as it is known. */
  at: number
}

/** The headers that sign one request by RFC 9421, in the order in which they are signed. */
function sign({ session, method, target, body, key, at }: ToSign): [string, string][] {
  const mark = target.indexOf('?')
  const headers: [string, string][] = [
    ['content-digest', `sha-256=:${createHash('sha256').update(body).digest('base64')}:`],
    ['authorization', `Bearer ${session.access_token}`],
  ]
  if (key !== undefined) headers.push(['idempotency-key', key])
  const lines = [
    ['@method', method],
    ['@path', mark === -1 ? target : target.slice(0, mark)],
    ['@query', mark === -1 ? '?' : target.slice(mark)],
    ...headers,
  ]
  const { key_id, secret } = session.signing_key
  const covered = lines.map(([name]) => `"${name}"`).join(' ')
  const created = Math.floor(at / 1000)
  const nonce = randomBytes(18).toString('base64url')
  const params = `(${covered});created=${created};nonce="${nonce}";keyid="${key_id}";alg="hmac-sha256"`
  const base = [...lines, ['@signature-params', params]].map(([name, value]) => `"${name}": ${value}`)
  const signature = createHmac('sha256', Buffer.from(secret, 'base64url'))
    .update(base.join('\n'))
    .digest('base64')
  return [...headers, ['signature-input', `sig=${params}`], ['signature', `sig=:${signature}:`]]
}
