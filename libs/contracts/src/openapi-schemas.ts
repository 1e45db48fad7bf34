import * as z from 'zod'

export type Json = Record<string, unknown>
type Io = 'input' | 'output'

/** Writes a part of the contract into the document and answers the schema that stands for it. */
export type WriteSchema = (type: z.ZodType, io: Io) => Json

const isNamed = (schema: Json): schema is Json & { id: string } => typeof schema['id'] === 'string'

/** JSON Schema of a part of the contract, without references. */
export const inlineSchema = (type: z.ZodType): Json =>
  tidy(z.toJSONSchema(type, { io: 'input', reused: 'inline' }))

/** Writes named schemas once into `components` and answers references to them. */
export function schemaWriter(components: Record<string, Json>): WriteSchema {
  return (type, io) => {
    const whole = z.toJSONSchema(type, { io, reused: 'inline' }) as Json
    const definitions = (whole['$defs'] ?? {}) as Record<string, Json>
    for (const [id, definition] of Object.entries(definitions)) components[id] ??= tidy(definition)
    if (!isNamed(whole)) return tidy(whole)
    components[whole.id] ??= tidy(whole)
    return { $ref: `#/components/schemas/${whole.id}` }
  }
}

const ofDocuments = new Set(['$schema', '$defs', 'id', '$id'])

/** Leaves out what only a document of its own needs, and points references at the components. */
function tidy(schema: Json): Json {
  const value = ([key, part]: [string, unknown]): [string, unknown] => {
    if (key === '$ref') return [key, `#/components/schemas/${String(part).replace('#/$defs/', '')}`]
    if (key === 'properties')
      return [
        key,
        Object.fromEntries(Object.entries(part as Json).map(([name, field]) => [name, deep(field)])),
      ]
    return [key, deep(part)]
  }
  const deep = (part: unknown): unknown => {
    if (Array.isArray(part)) return part.map(deep)
    return typeof part === 'object' && part !== null ? tidy(part as Json) : part
  }
  return Object.fromEntries(
    Object.entries(schema)
      .filter(([key]) => !ofDocuments.has(key))
      .map(value),
  )
}
