import * as z from 'zod'

/** What can be told of a setting from its schema. */
export interface SettingFacts {
  /** As it is written in the environment; undefined when there is none. */
  fallback: string | undefined
  required: boolean
  /** How the secret is made, when it is one. */
  secret: string | undefined
  /** What values it takes, where the schema says it in few words. */
  form: string
}

interface Definition {
  type: string
  innerType?: z.core.$ZodType
  in?: z.core.$ZodType
  defaultValue?: unknown
  entries?: Record<string, string>
}

/** Reads a schema from the outside in, through defaults and transformations. */
export function describeSetting(schema: z.core.$ZodType): SettingFacts {
  const facts: SettingFacts = { fallback: undefined, required: true, secret: undefined, form: '' }
  let current: z.core.$ZodType | undefined = schema
  while (current) {
    const definition = current._zod.def as unknown as Definition
    const { secret } = ((current as z.ZodType).meta() ?? {}) as { secret?: string }
    facts.secret ??= secret
    if (['default', 'prefault', 'optional'].includes(definition.type)) facts.required = false
    if (definition.defaultValue !== undefined) facts.fallback ??= textOf(definition.defaultValue)
    facts.form ||= formOf(current, definition)
    current = definition.innerType ?? definition.in
  }
  return facts
}

const textOf = (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value))

function formOf(schema: z.core.$ZodType, { type, entries = {} }: Definition): string {
  if (type === 'enum') return Object.values(entries).join(', ')
  return type === 'number' ? rangeOf(schema) : ''
}

function rangeOf(schema: z.core.$ZodType): string {
  const { minimum, maximum, exclusiveMinimum } = z.toJSONSchema(schema)
  const from = exclusiveMinimum === undefined ? bound(minimum) : `more than ${exclusiveMinimum}`
  const to = bound(maximum)
  if (from && to) return `${from} to ${to}`
  if (from) return exclusiveMinimum === undefined ? `from ${from}` : from
  return to ? `up to ${to}` : 'a number'
}

/** Whole numbers are bounded by what JavaScript can hold, which is no bound to speak of. */
const bound = (value: number | undefined) =>
  value === undefined || Math.abs(value) >= Number.MAX_SAFE_INTEGER ? '' : String(value)
