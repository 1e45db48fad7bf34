import { define, type Route } from '../route.ts'
import { Health, Jwks } from '../system.ts'

const authPublic = define('auth', 'public')
const gateway = define('gateway', 'public')

/** What belongs to no family. */
export const systemRoutes = {
  getJwks: {
    ...authPublic('GET', '', { summary: 'Public keys of the access tokens', status: 200, response: Jwks }),
    path: '/.well-known/jwks.json',
  },
  getHealth: {
    ...gateway('GET', '', { summary: 'Is the system well', status: 200, response: Health }),
    path: '/health',
  },
} as const satisfies Record<string, Route>
