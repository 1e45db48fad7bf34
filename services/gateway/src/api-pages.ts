import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { Problem } from '@common-purse/contracts'
import type { Logger } from '@common-purse/kit/logger'
import { type RequestHandler, Router } from 'express'
import { page, sendPageFile } from './page.ts'
import { problemPages } from './problem-pages.ts'

const require = createRequire(import.meta.url)
const own = new URL('./pages', import.meta.url).pathname

const policyWith = (styles: string) =>
  `default-src 'none'; script-src 'self'; style-src 'self'${styles}; img-src 'self' data:; connect-src 'self'; ` +
  "worker-src blob:; base-uri 'none'; frame-ancestors 'none'; form-action 'none'"
const docsPolicy = policyWith('')
/**
 * ReDoc makes style elements. One is empty and filled by script, one holds what this hash names; a new version may have
 * another, and the browser then says so.
 */
const redocPolicy = policyWith(
  " 'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=' 'sha256-QMIg+bpjm3JdElJ388KYke01izlUW0UoNOeKjpMxdgc='",
)
/** ReDoc shows this picture of its maker's beside its name. */
const redocLogo = 'https://cdn.redoc.ly/redoc/logo-mini.svg'

/** `/openapi.json`, `/docs` (Swagger UI), `/redoc` and `/problems`, from files of the packages: nothing is fetched from elsewhere. */
export function apiPages(openapiFile: string, logger: Logger): Router {
  const router = Router({ caseSensitive: true, strict: true })
  const swagger = dirname(require.resolve('swagger-ui-dist/package.json'))
  const redoc = readFileSync(require.resolve('redoc/bundles/redoc.standalone.js'), 'utf8')
  const file = (root: string, name: string, policy = docsPolicy) => sendPageFile({ root, name, policy })

  page(router, '/docs', file(own, 'docs.html'))
  page(router, '/docs/start.js', file(own, 'docs.js'))
  page(router, '/docs/session.js', file(own, 'docs-session.js'))
  page(router, '/docs/fit-document.js', file(own, 'fit-document.js'))
  page(router, '/docs/sign.js', file(own, 'sign.js'))
  for (const name of ['swagger-ui.css', 'swagger-ui-bundle.js', 'favicon-32x32.png'])
    page(router, `/docs/${name}`, file(swagger, name))
  page(router, '/redoc', file(own, 'redoc.html', redocPolicy))
  // Nothing is fetched from elsewhere, so the picture is an empty one.
  page(router, '/redoc/redoc.standalone.js', sendScript(redoc.replaceAll(redocLogo, 'data:,')))
  page(router, '/pages.css', file(own, 'pages.css'))

  problemPages(router, join(dirname(openapiFile), 'problems.json'), docsPolicy)
  const document = readDocument(openapiFile, logger)
  page(router, '/openapi.json', (_req, res) => {
    if (document === undefined) throw new Problem('not_found', 'The OpenAPI document was not generated')
    res.set('cache-control', 'public, max-age=60').type('application/json').send(document)
  })
  return router
}

const sendScript =
  (text: string): RequestHandler =>
  (_req, res) => {
    res.set('cache-control', 'public, max-age=3600').type('text/javascript').send(text)
  }

function readDocument(file: string, logger: Logger): string | undefined {
  if (existsSync(file)) return readFileSync(file, 'utf8')
  logger.warn({ file }, 'There is no OpenAPI document; /openapi.json answers 404')
  return undefined
}
