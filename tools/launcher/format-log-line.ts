const LEVELS: Record<string, string> = {
  10: 'trace',
  20: 'debug',
  30: 'info',
  40: 'warn',
  50: 'error',
  60: 'fatal',
}
const LOUD = ['warn', 'error', 'fatal']

/** Fields worth their place on a terminal, in this order. The file has them all. */
const SHOWN = [
  'method',
  'route',
  'path',
  'status',
  'code',
  'duration_ms',
  'event',
  'subject',
  'attempt',
  'url',
  'request_id',
]

/** How lines are shown: readable, or as they are with LOG_FORMAT=json. */
export const lineFormat = (service: string, env: NodeJS.ProcessEnv) =>
  env['LOG_FORMAT'] === 'json' ? (line: string) => line : (line: string) => formatLogLine(service, line)

type Entry = Record<string, unknown>

/** One line of a service's JSON log as a person reads it; a line that is no such log stays as it is. */
export function formatLogLine(service: string, line: string): string {
  const entry = parseEntry(line)
  if (!entry) return `${' '.repeat(13)}${service.padEnd(8)} ${line}`
  const level = levelOf(entry['level'])
  const parts = [
    timeOf(entry['time']),
    service.padEnd(8),
    level.padEnd(5),
    typeof entry['msg'] === 'string' ? entry['msg'] : '',
    ...fieldsOf(entry),
  ]
  return `${parts.join(' ').trimEnd()}${stackOf(entry)}`
}

/** pino writes levels as numbers, or as names when it is told to. */
function levelOf(value: unknown): string {
  const text = typeof value === 'number' || typeof value === 'string' ? String(value) : 'info'
  const name = LEVELS[text] ?? text
  return LOUD.includes(name) ? name.toUpperCase() : name
}

function parseEntry(line: string): Entry | undefined {
  if (!line.startsWith('{')) return undefined
  try {
    return JSON.parse(line) as Entry
  } catch {
    return undefined
  }
}

function timeOf(time: unknown): string {
  const date = typeof time === 'number' || typeof time === 'string' ? new Date(time) : undefined
  if (!date || Number.isNaN(date.getTime())) return '            '
  const two = (value: number, places = 2) => String(value).padStart(places, '0')
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}.${two(date.getMilliseconds(), 3)}`
}

const fieldsOf = (entry: Entry) =>
  SHOWN.flatMap((name) => {
    const value = entry[name]
    return typeof value === 'string' || typeof value === 'number' ? [`${name}=${value}`] : []
  })

/** The stack of a logged error, below the line and indented. */
function stackOf(entry: Entry): string {
  const error = entry['err'] as { stack?: unknown; message?: unknown } | undefined
  const text = error?.stack ?? error?.message
  return typeof text === 'string' ? `\n${text.replace(/^/gm, '    ')}` : ''
}
