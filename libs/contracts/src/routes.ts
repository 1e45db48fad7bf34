import type * as z from 'zod'
import type { OwningService, Route } from './route.ts'
import { accountRoutes } from './routes/accounts.ts'
import { authRoutes } from './routes/auth.ts'
import { bookkeepingRoutes } from './routes/bookkeeping.ts'
import { familyRoutes } from './routes/families.ts'
import { systemRoutes } from './routes/system.ts'
import { trailRoutes } from './routes/trail.ts'
import { transactionRoutes } from './routes/transactions.ts'

/** Every endpoint once. The gateway's policy, the services' validation, the client and the documents are made from it. */
export const routes = {
  ...authRoutes,
  ...familyRoutes,
  ...accountRoutes,
  ...transactionRoutes,
  ...bookkeepingRoutes,
  ...trailRoutes,
  ...systemRoutes,
} as const satisfies Record<string, Route>

export type Routes = typeof routes
export type RouteId = keyof Routes
/** The ids of the routes a service owns. */
export type RouteIdOf<Service extends OwningService> = {
  [Id in RouteId]: Routes[Id]['service'] extends Service ? Id : never
}[RouteId]

/** The same table with the plain type, for code that walks it. */
export const allRoutes: ReadonlyArray<Route & { id: RouteId }> = (Object.keys(routes) as RouteId[]).map(
  (id) => ({ id, ...routes[id] }),
)

type Part<Id extends RouteId, Key extends 'params' | 'query' | 'body' | 'response'> = Routes[Id] extends {
  [K in Key]: infer Schema extends z.ZodType
}
  ? Schema
  : undefined

type OutputOf<Schema> = Schema extends z.ZodType ? z.output<Schema> : undefined
type InputOf<Schema> = Schema extends z.ZodType ? z.input<Schema> : undefined

/** What a service's handler receives of a request, parsed. */
export type ParsedParams<Id extends RouteId> = OutputOf<Part<Id, 'params'>>
export type ParsedQuery<Id extends RouteId> = OutputOf<Part<Id, 'query'>>
export type ParsedBody<Id extends RouteId> = OutputOf<Part<Id, 'body'>>
/** What a client sends and gets. */
export type SentParams<Id extends RouteId> = InputOf<Part<Id, 'params'>>
export type SentQuery<Id extends RouteId> = InputOf<Part<Id, 'query'>>
export type SentBody<Id extends RouteId> = InputOf<Part<Id, 'body'>>
export type Answer<Id extends RouteId> = Routes[Id] extends { produces: string }
  ? string
  : OutputOf<Part<Id, 'response'>>
