import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { Router } from 'express'
import { page, sendPageFile } from './page.ts'

const own = new URL('./pages', import.meta.url).pathname
const policy =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; " +
  "manifest-src 'self'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'"

/** The browser pages when they are built, else one plain page that says where to look. */
export function webPages(root: string): Router {
  const router = Router({ caseSensitive: true, strict: true })
  if (!existsSync(join(root, 'index.html'))) {
    page(router, '/', sendPageFile({ root: own, name: 'home.html', policy }))
    return router
  }
  const file = { root, policy, compressed: true }
  for (const path of ['/', '/link', '/settings'])
    page(router, path, sendPageFile({ ...file, name: 'index.html' }))
  page(
    router,
    /^\/assets\/[\w.-]+\.(?:js|css|svg|png|woff2|md)$/,
    (req, res, next) => sendPageFile({ ...file, name: req.path.slice(1), immutable: true })(req, res, next),
    '/assets/{file}',
  )
  page(
    router,
    /^\/[\w-]+\.(?:ico|svg|png|webmanifest|txt)$/,
    (req, res, next) => sendPageFile({ ...file, name: req.path.slice(1) })(req, res, next),
    '/{file}',
  )
  return router
}
