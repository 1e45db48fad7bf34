import { allRoutes, permissionMatrix } from '@common-purse/contracts'
import type { Plugin } from 'vite'

/**
 * Gives the browser what it uses of the contract at run time, taken from the contract itself at build time: how each
 * route is called, and which role may do what. The schemas stay behind, and with them zod, which would double the size
 * of the pages and try to compile code, what the content security policy forbids.
 */
export const contractWithoutSchemas = (): Plugin => ({
  name: 'contract-without-schemas',
  enforce: 'pre',
  resolveId: (id) => (id === '@common-purse/contracts' ? '\0contract' : undefined),
  load: (id) => (id === '\0contract' ? source() : undefined),
})

function source(): string {
  const routes = allRoutes.map(({ id, method, path, access, idempotency }) => [
    id,
    { method, path, access, idempotency },
  ])
  const reaches = permissionMatrix().permissions.map(({ permission, roles }) => [permission, roles])
  return `
    export const routes = ${JSON.stringify(Object.fromEntries(routes))}
    const reaches = ${JSON.stringify(Object.fromEntries(reaches))}
    export const hasPermission = (role, permission) => reaches[permission][role] !== 'none'`
}
