import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as z from 'zod'
import { type ProblemCode, problems } from '../../libs/contracts/src/index.ts'

/** An answer as a client saw it; `target` is path and query. */
export interface SeenAnswer {
  method: string
  target: string
  status: number
  /** A header's value by lower-case name. */
  header(name: string): string | undefined
  body: string
}

/** The one right answer of the document to "may this come back?": nothing, or what is not documented. */
export type Judge = (answer: SeenAnswer) => string | undefined

export type Json = Record<string, unknown>
interface Header {
  required?: boolean
}
interface Response {
  headers?: Record<string, Header>
  content?: Record<string, { schema: Json }>
}
interface Operation {
  operationId: string
  parameters: { name: string; in: 'path' | 'query' | 'header'; schema: Json }[]
  requestBody?: { content: Record<string, { schema: Json }> }
  responses: Record<string, Response>
}
export interface Document {
  paths: Record<string, Record<string, Operation>>
  components: { schemas: Record<string, Json> }
}

/** docs/api/openapi.json with the references of answers and headers put in place; those of schemas stay. */
export function readDocument(): Document {
  const text = readFileSync(join(import.meta.dirname, '../../docs/api/openapi.json'), 'utf8')
  const whole = JSON.parse(text) as Document & { components: Record<string, Json> }
  const resolve = (part: unknown): unknown => {
    if (Array.isArray(part)) return part.map(resolve)
    if (typeof part !== 'object' || part === null) return part
    const found = /^#\/components\/(responses|headers)\/(.+)$/.exec(String((part as Json)['$ref']))
    if (found) return resolve(whole.components[found[1]!]![found[2]!])
    return Object.fromEntries(Object.entries(part).map(([key, value]) => [key, resolve(value)]))
  }
  return resolve(whole) as Document
}

/** Compiles a schema of the document; it is read back from the JSON, so that what is judged by is what is published. */
export function compiler(schemas: Record<string, Json>) {
  const local = (part: unknown): unknown =>
    JSON.parse(JSON.stringify(part).replaceAll('#/components/schemas/', '#/$defs/'))
  const $defs = local(schemas) as Record<string, Json>
  const compiled = new Map<string, z.ZodType>()
  return (schema: Json): z.ZodType => {
    const key = JSON.stringify(schema)
    const known = compiled.get(key) ?? z.fromJSONSchema({ ...(local(schema) as Json), $defs })
    compiled.set(key, known)
    return known
  }
}

/** Judges answers of the gateway, or those of a service itself, which has no headers of its own and knows no other methods. */
export function createJudge(gateway: boolean): Judge {
  const document = readDocument()
  const compile = compiler(document.components.schemas)
  const problem = compile({ $ref: '#/components/schemas/Problem' })
  const paths = Object.entries(document.paths).map(([path, operations]) => ({
    expression: new RegExp(`^${path.replaceAll('.', '\\.').replaceAll(/\{\w+\}/g, '[^/]+')}$`),
    fixed: !path.includes('{'),
    operations,
  }))

  const find = (method: string, path: string) => {
    const fits = paths.filter(({ expression }) => expression.test(path))
    const { operations } = fits.find(({ fixed }) => fixed) ?? fits[0] ?? {}
    const name = method === 'HEAD' ? 'get' : method.toLowerCase()
    return { operations, operation: operations?.[name] }
  }

  return (answer) => {
    const path = answer.target.split('?', 1)[0]!
    if (!/^\/(api\/|health$|\.well-known\/)/.test(path)) return undefined // pages
    const { operations, operation } = find(answer.method, path)
    if (operation) return judgeOperation(answer, operation, compile, gateway)
    if (!gateway) return undefined
    if (answer.method === 'OPTIONS' && answer.status === 204) return undefined
    return judgeElsewhere(answer, operations === undefined ? 'not_found' : 'method_not_allowed', problem)
  }
}

function judgeOperation(
  answer: SeenAnswer,
  { operationId, responses }: Operation,
  compile: (schema: Json) => z.ZodType,
  gateway: boolean,
): string | undefined {
  const response = responses[answer.status]
  const wrong = response
    ? ((gateway ? missingHeader(answer, response) : undefined) ?? wrongBody(answer, response, compile))
    : 'the status is not documented'
  return wrong && `${operationId} ${answer.status}: ${wrong}: ${answer.body.slice(0, 500)}`
}

function missingHeader(answer: SeenAnswer, { headers = {} }: Response): string | undefined {
  const missing = Object.entries(headers).find(
    ([name, { required }]) => required && answer.header(name.toLowerCase()) === undefined,
  )
  return missing && `${missing[0]} is missing`
}

function wrongBody(
  answer: SeenAnswer,
  { content }: Response,
  compile: (schema: Json) => z.ZodType,
): string | undefined {
  if (!content) return answer.body === '' ? undefined : 'there is a body'
  const type = answer.header('content-type')?.split(';', 1)[0] ?? ''
  const media = content[type]
  if (!media) return `the media type ${type} is not documented`
  if (answer.method === 'HEAD' || !/[/+]json$/.test(type)) return undefined
  // One by one: together, what one of them forbids another might allow.
  const parts = (media.schema['allOf'] as Json[] | undefined) ?? [media.schema]
  const errors = parts.map((part) => compile(part).safeParse(parse(answer.body)).error)
  const error = errors.find((found) => found !== undefined)
  return error && z.prettifyError(error)
}

/** What may be answered at any address. */
const anywhere: ProblemCode[] = ['invalid_request', 'rate_limited']

function judgeElsewhere(answer: SeenAnswer, usual: ProblemCode, problem: z.ZodType): string | undefined {
  const says = (what: string) => `${answer.method} ${answer.target} ${answer.status}: ${what}: ${answer.body}`
  if (answer.method === 'HEAD') return undefined
  const codes = [usual, ...anywhere]
  const body = parse(answer.body) as { code?: ProblemCode } | undefined
  if (!problem.safeParse(body).success) return says('not a problem document')
  if (!codes.includes(body!.code!) || problems[body!.code!].status !== answer.status)
    return says(`expected one of ${codes.join(', ')}`)
  if (body!.code === 'method_not_allowed' && answer.header('allow') === undefined)
    return says('Allow is missing')
  return undefined
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
