import * as z from 'zod'
import type { Permission } from './permissions.ts'
import type { ProblemCode } from './problems.ts'
import { Uuid } from './text.ts'

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
export type OwningService = 'auth' | 'ledger' | 'audit' | 'gateway'

/** One endpoint: everything that the gateway, the services, the client and the documents need to know of it. */
export interface Route {
  method: Method
  /** Full path with `{parameters}`. */
  path: string
  service: OwningService
  /** public: anybody; user: an access token; bot: the bot's own signature and no token. */
  access: 'public' | 'user' | 'bot'
  /** The caller's role must have at least one of these; none named means any signed-in member. */
  permissions: readonly Permission[]
  /** `path`: what counts is the caller's role in the family that the path names by `{id}`, not in the token's. */
  family: 'token' | 'path'
  idempotency: 'none' | 'honoured' | 'required'
  rate: 'default' | 'sign_up' | 'sign_in' | 'bind'
  summary: string
  /** Status of success. */
  status: 200 | 201 | 204
  /** `dry_run=true` answers 200 with the same shape and writes nothing. */
  dryRun?: true
  params?: z.ZodObject
  query?: z.ZodObject
  body?: z.ZodType
  response?: z.ZodType
  /** Media type of an answer that is not JSON. */
  produces?: 'text/csv' | 'application/x-ndjson'
  /** Problems beyond those that every route of its kind can answer. */
  problems: readonly ProblemCode[]
}

/** Every address of the API begins with this. */
export const api = '/api/v1'
const defaults = {
  permissions: [],
  family: 'token',
  idempotency: 'none',
  rate: 'default',
  problems: [],
} as const
export const byId = z.strictObject({ id: Uuid })

type Given = Partial<Omit<Route, 'access' | 'service' | 'method' | 'path'>> &
  Pick<Route, 'summary' | 'status'>

/** What a spread makes: an intersection would be `never` as soon as a route gives a value other than the default. */
type Over<Base, Rest> = Omit<Base, keyof Rest> & Rest

/** Makes a row of the table: what a service's routes have in common, and what is special to this one. */
export const define =
  <const Service extends OwningService, const Access extends Route['access']>(
    service: Service,
    access: Access,
  ) =>
  <const Rest extends Given>(method: Method, path: string, rest: Rest) => {
    const base = {
      ...defaults,
      idempotency: access === 'user' && method !== 'GET' ? ('honoured' as const) : ('none' as const),
      method,
      path: api + path,
      service,
      access,
    }
    return { ...base, ...rest } as Over<typeof base, Rest>
  }
