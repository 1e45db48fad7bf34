import { randomUUID } from 'node:crypto'
import { resolve } from 'node:path'
import { readState } from '../launcher/state.ts'

/** One request as it was typed. */
export interface Call {
  url: string
  dataDir: string
  /** Whose session: a name of the demo family, or an e-mail address. */
  as: string
  method: string
  target: string
  body: string | undefined
  idempotencyKey: string | undefined
  verbose: boolean
}

export const callUsage = `Usage: npm run call -- [options] METHOD PATH [JSON]

  npm run call -- GET /accounts
  npm run call -- POST /accounts '{"name":"Wallet","kind":"cash","currency":"EUR","opening_balance":"50.00"}'
  npm run call -- --as ben POST /transactions '{"type":"expense","account_id":"…","amount":"2.50","currency":"EUR"}'

  --as WHO      ann (the owner) or ben of the demo family, or an e-mail address with its password in PURSE_PASSWORD
  --key KEY     Idempotency-Key; a new one for each call unless given
  --url URL     the gateway; that of the system started here unless given
  -v            show the request line, the headers that sign it, and the answer's headers`

interface Options {
  as: string
  key?: string | undefined
  url?: string | undefined
  verbose: boolean
  env: NodeJS.ProcessEnv
}

/** Reads what was typed; throws a message that says what is wrong. */
export function readCall(positionals: string[], options: Options): Call {
  const [method = '', path = '', body] = positionals
  if (!/^(GET|POST|PUT|PATCH|DELETE)$/i.test(method))
    throw new Error(`${method} is not a method.\n\n${callUsage}`)
  if (!path.startsWith('/')) throw new Error(`The path starts with a slash: /${path}`)
  if (body !== undefined) requireJson(body)
  const dataDir = resolve(options.env['DATA_DIR'] || '.data')
  const changes = method.toUpperCase() !== 'GET'
  return {
    url: options.url ?? runningUrl(dataDir, options.env),
    dataDir,
    as: options.as,
    method: method.toUpperCase(),
    target: targetOf(path),
    body,
    idempotencyKey: changes ? (options.key ?? randomUUID()) : undefined,
    verbose: options.verbose,
  }
}

/** `/accounts` is short for `/api/v1/accounts`. */
const targetOf = (path: string) =>
  /^\/(api\/|health|openapi|\.well-known\/)/.test(path) ? path : `/api/v1${path}`

/** The gateway of the system that was last started from this folder. */
const runningUrl = (dataDir: string, env: NodeJS.ProcessEnv) =>
  env['PURSE_URL'] ?? `http://127.0.0.1:${readState(dataDir).ports['public'] ?? 8000}`

function requireJson(text: string): void {
  try {
    JSON.parse(text)
  } catch {
    throw new Error(`The body is not JSON: ${text}`)
  }
}
