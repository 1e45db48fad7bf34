import { types } from 'node:util'
import { type DestinationStream, type Logger, pino } from 'pino'
import { activeTraceId } from './spans.ts'

export type { Logger }

const secretPaths = [
  'password',
  'authorization',
  'token',
  'access_token',
  'refresh_token',
  'secret',
  'code',
  'totp',
].flatMap((name) => [name, `*.${name}`, `*.*.${name}`])

interface Loggable {
  type: string
  message: string
  error_code?: unknown
  stack?: string | undefined
  cause?: Loggable
}

/**
 * What of an error may be written down: a database's own carries whole rows in further members, `detail` for instance,
 * and addresses and hashes are in them.
 */
function loggable(error: Error, depth = 0): Loggable {
  const { code, cause } = error as NodeJS.ErrnoException & { cause?: unknown }
  return {
    type: error.name,
    message: error.message,
    ...(code === undefined ? {} : { error_code: code }),
    stack: error.stack,
    ...(types.isNativeError(cause) && depth < 3 ? { cause: loggable(cause, depth + 1) } : {}),
  }
}

/** JSON lines, on standard output unless told; what looks like a secret is blanked wherever it stands. */
export const createLogger = (service: string, level: string, destination?: DestinationStream): Logger =>
  pino(
    {
      level,
      base: { service },
      timestamp: pino.stdTimeFunctions.isoTime,
      mixin: () => ({ trace_id: activeTraceId() }),
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths: secretPaths, censor: '[redacted]' },
      serializers: { err: (error: unknown) => (types.isNativeError(error) ? loggable(error) : error) },
    },
    destination,
  )
