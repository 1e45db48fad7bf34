import { readFileSync } from 'node:fs'
import * as z from 'zod'
import { isRandom, isWeakPassword } from './weak-secrets.ts'

const port = z.coerce.number().int().min(0).max(65_535)

/** What every service is told; a service spreads this into its own object. */
export const commonConfig = {
  /** Only `production` insists on strong passwords in URLs; services behave alike otherwise. */
  NODE_ENV: z.enum(['development', 'test', 'production']).default('production'),
  /** Where the service answers requests; 0 takes a free port. */
  PORT: port.default(8080),
  /** Where /healthz, /readyz and /metrics answer; never reachable from outside. */
  OPS_PORT: port.default(9090),
  /** Address to listen at, for both ports; 0.0.0.0 in a container. */
  HOST: z.string().default('127.0.0.1'),
  /** The least that is logged. */
  LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info'),
  /** NATS with JetStream, `nats://USER:PASSWORD@HOST:4222`. */
  NATS_URL: z
    .string()
    .regex(/^nats:\/\/\S+$/, 'Expected nats://…')
    .meta({ secret: 'with the password of the server' }),
  /** Put before subjects, streams and consumers, so that several installations can share one NATS. */
  NATS_PREFIX: z
    .string()
    .regex(/^[a-z0-9]*$/)
    .default(''),
  /** Copies of each stream, as many as there are NATS servers to keep one. */
  NATS_REPLICAS: z.coerce.number().int().min(1).max(5).default(1),
  /** Seconds between "not ready" and "not listening", for load balancers to notice. */
  DRAIN_SECONDS: z.coerce.number().min(0).max(20).default(0),
  /** OpenTelemetry collector that takes traces over HTTP, `http://HOST:4318`. Without it nothing of tracing is loaded. */
  OTEL_EXPORTER_OTLP_ENDPOINT: z.url({ protocol: /^https?$/ }).optional(),
}

/** What a service that reads access tokens is told. */
export const tokenConfig = {
  /** `iss` of access tokens; the same in every service. */
  TOKEN_ISSUER: z.string().min(1).default('common-purse'),
  /** `aud` of access tokens; the same in every service. */
  TOKEN_AUDIENCE: z.string().min(1).default('common-purse-api'),
}

/** How a secret is made, for whoever has to; `.env.example` and the table of settings show it. */
const makeRandom = `node -p "crypto.randomBytes(32).toString('base64url')"`

/** Base64url of at least 32 random bytes: nothing that repeats, counts, or says itself that it is to be changed. */
export const Secret = z
  .string()
  .regex(/^[\w-]{43,}$/, 'Expected base64url of 32 random bytes or more')
  .refine(isRandom, 'Expected random bytes')
  .meta({ secret: makeRandom })

/** `v2:secret,v1:secret`: versioned secrets; the first is used for new things, all are accepted. */
export const VersionedSecrets = z
  .string()
  .transform((text, context) => {
    const entries = text.split(',').map((entry) => entry.trim().split(':'))
    const valid = entries.every(
      (entry) => entry.length === 2 && /^v[0-9]+$/.test(entry[0]!) && Secret.safeParse(entry[1]).success,
    )
    if (valid) return new Map(entries as [string, string][])
    context.addIssue({
      code: 'custom',
      message: 'Expected v1:SECRET[,v2:SECRET…], SECRET being base64url of 32 random bytes',
    })
    return z.NEVER
  })
  .meta({ secret: `"v1:" and ${makeRandom}` })
export type VersionedSecrets = ReadonlyMap<string, string>

/** What counters and their headers can hold: a thousand million in a year. */
const RATE_COUNT_MAX = 1_000_000_000
const RATE_SECONDS_MAX = 31_536_000

/** Reads a whole number of times per seconds, such as `3000/60`. */
export const Rate = z
  .string()
  .regex(/^[1-9][0-9]*\/[1-9][0-9]*$/, 'Expected COUNT/SECONDS, such as 3000/60')
  .transform((text) => {
    const [count, seconds] = text.split('/').map(Number)
    return { count: count!, seconds: seconds! }
  })
  .refine(
    ({ count, seconds }) => count <= RATE_COUNT_MAX && seconds <= RATE_SECONDS_MAX,
    `Expected at most ${RATE_COUNT_MAX} in at most ${RATE_SECONDS_MAX} seconds`,
  )
export type Rate = z.output<typeof Rate>

/** `NAME_FILE=/run/secrets/x` stands for `NAME=` the file's text; a file wins nothing over a given NAME. */
function withFiles(env: NodeJS.ProcessEnv, names: string[]): Record<string, string | undefined> {
  const read = (name: string) => {
    if (env[name] !== undefined && env[name] !== '') return env[name]
    const file = env[`${name}_FILE`]
    return file ? readSecretFile(`${name}_FILE`, file) : undefined
  }
  return Object.fromEntries(names.map((name) => [name, read(name)]))
}

function readSecretFile(variable: string, file: string): string {
  try {
    return readFileSync(file, 'utf8').trim()
  } catch (error) {
    throw wrongSettings([`${variable}: ${(error as Error).message}`])
  }
}

const wrongSettings = (lines: string[]) =>
  new Error(`Wrong or missing settings in the environment:\n${lines.map((line) => `  ${line}`).join('\n')}`)

/** Parses the environment once; throws a message that names every wrong variable and shows no value. */
export function parseConfig<Shape extends z.ZodRawShape>(
  shape: Shape,
  env: NodeJS.ProcessEnv,
): Readonly<z.output<z.ZodObject<Shape>>> {
  const given = withFiles(env, Object.keys(shape))
  const parsed = z.object(shape).safeParse(given)
  if (!parsed.success)
    throw wrongSettings(parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`))
  if (given['NODE_ENV'] === undefined || given['NODE_ENV'] === 'production') requireStrongPasswords(given)
  return Object.freeze(parsed.data)
}

/** A URL without a password is let through: a server may know its clients by other means. */
function requireStrongPasswords(given: Record<string, string | undefined>): void {
  const weak = Object.entries(given).filter(([, value]) => value !== undefined && isWeakPassword(value))
  if (weak.length > 0)
    throw wrongSettings(
      weak.map(([name]) => `${name}: Expected a password of 16 characters that nobody knows`),
    )
}
