import { type Logger, pino } from 'pino'

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

/** JSON lines on standard output; what looks like a secret is blanked wherever it stands. */
export const createLogger = (service: string, level: string): Logger =>
  pino({
    level,
    base: { service },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    redact: { paths: secretPaths, censor: '[redacted]' },
  })
