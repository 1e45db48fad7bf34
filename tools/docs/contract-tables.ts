import { eventActions, eventType } from '../../libs/contracts/src/events.ts'
import { permissions, reachOf, roles } from '../../libs/contracts/src/permissions.ts'
import { type ProblemCode, problems } from '../../libs/contracts/src/problems.ts'
import { api, type Route } from '../../libs/contracts/src/route.ts'
import { allRoutes } from '../../libs/contracts/src/routes.ts'
import { table } from './fill-section.ts'

/** Every endpoint, grouped by the service that answers it. */
export function endpointTable(): string {
  const row = (route: Route) => [
    `\`${route.method} ${route.path.replace(api, '')}\``,
    route.service,
    callerOf(route),
    route.access === 'public' ? '' : signatureOf(route),
    { none: '', honoured: 'if sent', required: 'required' }[route.idempotency],
    route.summary,
  ]
  return table(
    ['call', 'service', 'who', 'signature', '`Idempotency-Key`', 'what it does'],
    allRoutes.map(row),
  )
}

function callerOf(route: Route): string {
  if (route.access !== 'user') return route.access === 'bot' ? 'the bot' : 'anybody'
  return route.permissions.length === 0
    ? 'signed in'
    : route.permissions.map((name) => `\`${name}\``).join(' or ')
}

const signatureOf = (route: Route) =>
  route.access === 'bot' || route.method !== 'GET' ? 'required' : 'checked if sent'

const signs = { all: 'x', own: 's' } as const

/** Who may do what: the table that the gateway, the services and the pages go by. */
export function permissionTable(): string {
  const cell = (reach: keyof typeof signs | undefined) => (reach ? signs[reach] : '')
  return table(
    ['permission', ...roles],
    permissions.map((name) => [`\`${name}\``, ...roles.map((role) => cell(reachOf(role, name)))]),
  )
}

/** Every problem code with its status. */
export function problemTable(): string {
  const rows = Object.entries(problems) as [ProblemCode, { status: number; title: string }][]
  return table(
    ['status', 'code', 'title'],
    rows.map(([code, { status, title }]) => [String(status), `[\`${code}\`](#${code}-${status})`, title]),
  )
}

/** Every event, by the subject it is published under. */
export function eventTable(): string {
  return table(
    ['action in the trail', 'type and subject'],
    eventActions.map((action) => [`\`${action}\``, `\`${eventType(action)}\``]),
  )
}
