import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname } from 'node:path'
import { Problem } from '@common-purse/contracts'
import type { Logger } from '@common-purse/kit/logger'
import { Router } from 'express'
import { page, sendPageFile } from './page.ts'

const require = createRequire(import.meta.url)
const own = new URL('./pages', import.meta.url).pathname

// Swagger UI and ReDoc write styles into the page themselves; scripts come only from here.
const policy =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self'; " +
  "connect-src 'self'; worker-src blob:; base-uri 'none'; frame-ancestors 'none'; form-action 'none'"

/** `/openapi.json`, `/docs` (Swagger UI) and `/redoc`, from files of the packages: nothing is fetched from elsewhere. */
export function apiPages(openapiFile: string, logger: Logger): Router {
  const router = Router({ caseSensitive: true, strict: true })
  const swagger = dirname(require.resolve('swagger-ui-dist/package.json'))
  const redoc = dirname(require.resolve('redoc/bundles/redoc.standalone.js'))
  const file = (root: string, name: string) => sendPageFile({ root, name, policy })

  page(router, '/docs', file(own, 'docs.html'))
  page(router, '/docs/start.js', file(own, 'docs.js'))
  page(router, '/docs/sign.js', file(own, 'sign.js'))
  for (const name of ['swagger-ui.css', 'swagger-ui-bundle.js', 'favicon-32x32.png'])
    page(router, `/docs/${name}`, file(swagger, name))
  page(router, '/redoc', file(own, 'redoc.html'))
  page(router, '/redoc/redoc.standalone.js', file(redoc, 'redoc.standalone.js'))
  page(router, '/pages.css', file(own, 'pages.css'))

  const document = readDocument(openapiFile, logger)
  page(router, '/openapi.json', (_req, res) => {
    if (document === undefined) throw new Problem('not_found', 'The OpenAPI document was not generated')
    res.set('cache-control', 'public, max-age=60').type('application/json').send(document)
  })
  return router
}

function readDocument(file: string, logger: Logger): string | undefined {
  if (existsSync(file)) return readFileSync(file, 'utf8')
  logger.warn({ file }, 'There is no OpenAPI document; /openapi.json answers 404')
  return undefined
}
