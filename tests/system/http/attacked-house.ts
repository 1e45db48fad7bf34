import { randomUUID } from 'node:crypto'
import { expect } from '@jest/globals'
import pg from 'pg'
import { signRequest } from '../../../libs/client/src/index.ts'
import { type ProblemCode, type ProblemDocument, problems } from '../../../libs/contracts/src/index.ts'
import { createJudge } from '../../support/documented.ts'
import { type Family, givenAccount, givenFamily } from '../../support/given.ts'
import { type House, startHouse } from '../../support/house.ts'
import { exchange, type ExchangeOptions, head, type RawAnswer } from '../../support/raw-http.ts'
import { plenty, unlimited } from '../../support/unlimited.ts'

/** A request of the family's owner that would be done if it arrived as it was signed. */
export interface Signed {
  method: string
  target: string
  /** Header lines without those that say where the body ends. */
  lines: string[]
  /** A character for each byte, as in everything that is sent here. */
  body: string
}

/** The whole house with a family in it, and means to see whether an attack left anything. */
export async function startAttackedHouse(env: Record<string, string> = {}) {
  const house = await startHouse({
    services: ['auth', 'ledger', 'audit', 'gateway'],
    env: {
      ...unlimited,
      LOGIN_FAILURES_ADDRESS: plenty,
      ...env,
    },
  })
  const sql = new pg.Client({ connectionString: house.database.adminUrl })
  await sql.connect()
  const family = await givenFamily(house)
  const account = await givenAccount(family.owner)
  const judge = createJudge(true)

  const sign = (method: string, target: string, body: string | Buffer = '', key: string = randomUUID()) =>
    signed(family, { method, target, body: Buffer.from(body as string), idempotencyKey: key })
  const ask = (bytes: string | Buffer, options?: ExchangeOptions) =>
    exchange(house.urls.gateway, Buffer.from(bytes as string, 'latin1'), options)

  /** Expects one answer, this refusal, on a connection that is then closed, and nothing to have come of it. */
  const expectRefused = async (bytes: string | Buffer, code: ProblemCode = 'invalid_request') => {
    const before = await traces(house, sql)
    const { answers } = await ask(bytes)
    expect(answers.map(statusAndCode)).toEqual([[problems[code].status, code]])
    expectProblem(answers[0]!)
    expect(await traces(house, sql)).toEqual(before)
    return answers[0]!
  }

  return {
    house,
    family,
    account,
    sql,
    judge,
    sign,
    /** A spending of 1.00, signed. */
    spend: (body: string | Buffer = spending(account.id)) => sign('POST', '/api/v1/transactions', body),
    ask,
    expectRefused,
    traces: () => traces(house, sql),
    stop: async () => {
      await sql.end()
      await house.stop()
    },
  }
}
export type AttackedHouse = Awaited<ReturnType<typeof startAttackedHouse>>

export const spending = (accountId: string): string =>
  JSON.stringify({ type: 'expense', account_id: accountId, amount: '1.00', currency: 'EUR' })

async function signed(
  { owner: { session } }: Family,
  request: { method: string; target: string; body: Buffer<ArrayBuffer>; idempotencyKey: string },
): Promise<Signed> {
  const authorization = `Bearer ${session.access_token}`
  const headers = await signRequest({ ...request, authorization }, session.signing_key)
  const names = { ...headers, ...(request.body.length === 0 ? {} : { 'content-type': 'application/json' }) }
  const lines = Object.entries(names).map(([name, value]) => `${name}: ${value}`)
  return { ...request, lines: ['host: purse.example', ...lines], body: request.body.toString('latin1') }
}

/** Everything that a request could have left: rows of the services, and requests that reached one of them. Readers of the bus move on by themselves, and so does the ledger's check of itself. */
async function traces(house: House, sql: pg.Client): Promise<unknown> {
  const { rows: tables } = await sql.query<{ name: string }>(
    `SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables
     WHERE schemaname IN ('auth', 'ledger') AND tablename NOT IN ('_prisma_migrations', 'stream_positions', 'self_checks') ORDER BY 1`,
  )
  const hashes = tables.map(
    ({ name }) =>
      `SELECT '${name}' AS name, count(*)::int AS rows, md5(string_agg(row, '|' ORDER BY row)) AS hash
       FROM (SELECT (to_jsonb(t) - 'published_at')::text AS row FROM ${name} t) r`,
  )
  const { rows } = await sql.query(hashes.join(' UNION ALL '))
  return { rows, reached: await requestsReached(house) }
}

/** How many requests each service has answered, but for those that the house itself asks for. */
async function requestsReached({ opsUrls }: House): Promise<Record<string, number>> {
  const count = async (service: 'auth' | 'ledger' | 'audit') => {
    const text = await (await fetch(`${opsUrls[service]}/metrics`)).text()
    const lines = text.matchAll(/^http_request_duration_seconds_count\{(.*)\} (\d+)$/gm)
    const counted = [...lines].filter(([, labels]) => !labels!.includes('jwks.json'))
    return [service, counted.reduce((sum, [, , value]) => sum + Number(value), 0)] as const
  }
  return Object.fromEntries(await Promise.all([count('auth'), count('ledger'), count('audit')]))
}

/** The request with its body told by `framing`, which is the length unless an attack says otherwise. */
export function write(
  { method, target, lines, body }: Signed,
  change: { line?: string; framing?: string[]; more?: string[]; payload?: string } = {},
): string {
  const framing = change.framing ?? [`content-length: ${body.length}`]
  const line = change.line ?? `${method} ${target} HTTP/1.1`
  return head(line, ...lines, ...framing, ...(change.more ?? [])) + (change.payload ?? body)
}

export const problemOf = ({ body }: RawAnswer): Partial<ProblemDocument> => {
  try {
    return JSON.parse(body) as Partial<ProblemDocument>
  } catch {
    return {}
  }
}

export const statusAndCode = (answer: RawAnswer) => [answer.status, problemOf(answer).code]

/** Any refusal is a problem document with its own id, and says nothing of what is inside. */
export function expectProblem(answer: RawAnswer): void {
  expect(answer.headers['content-type']).toMatch(/^application\/problem\+json/)
  expect(problemOf(answer)).toMatchObject({
    status: answer.status,
    request_id: answer.headers['x-request-id'],
    errors: expect.anything(),
  })
  expect(answer.body).not.toMatch(/node:|\.ts\b|HPE_|ECONN|stack|llhttp|express/i)
}
