import { existsSync, statSync } from 'node:fs'
import { extname, join } from 'node:path'
import { Problem } from '@common-purse/contracts'
import type { Request, RequestHandler, Router } from 'express'

/** A page at one path: GET and HEAD; other methods are refused by name. */
export function page(
  router: Router,
  path: string | RegExp,
  handler: RequestHandler,
  route = String(path),
): void {
  router.all(path, (req, res, next) => {
    res.locals['route'] = route
    if (req.method === 'GET' || req.method === 'HEAD') return handler(req, res, next)
    res.set('allow', 'GET, HEAD')
    throw new Problem('method_not_allowed', 'This address knows GET, HEAD')
  })
}

export interface PageFile {
  root: string
  name: string
  /** Content security policy of the page. */
  policy: string
  /** For files whose name changes with their content. */
  immutable?: boolean
  /** Whether compressed forms may lie beside the file. */
  compressed?: boolean
}

/** The forms of a file that a build may have made, by the name of their encoding; the first that both sides know is sent. */
const forms = { br: '.br', gzip: '.gz' } as const

/** Sends one file of a folder. Pages are asked for again each time and answered from the browser's cache by their tag. */
export const sendPageFile =
  ({ root, name, policy, immutable = false, compressed = false }: PageFile): RequestHandler =>
  (req, res, next) => {
    const form = compressed ? formFor(req, join(root, name)) : undefined
    const sent = form ? name + forms[form] : name
    if (compressed) res.vary('accept-encoding')
    if (form) res.set('content-encoding', form).type(extname(name))
    res.set('content-security-policy', policy)
    res.set('cache-control', immutable ? 'public, max-age=31536000, immutable' : 'no-cache')
    const tag = tagOf(join(root, sent))
    if (tag) res.set('etag', tag) // Express makes none here: no answer of the API has one
    // The project may live in a folder whose name begins with a dot.
    res.sendFile(sent, { root, dotfiles: 'allow', cacheControl: false }, (error?: Error) => {
      if (!error || res.headersSent) return
      for (const header of ['content-encoding', 'etag', 'cache-control']) res.removeHeader(header)
      next(new Problem('not_found', 'There is nothing at this address', { cause: error }))
    })
  }

function formFor(req: Request, path: string): keyof typeof forms | undefined {
  const wanted = req.acceptsEncodings('br', 'gzip', 'identity')
  if (wanted !== 'br' && wanted !== 'gzip') return undefined
  return existsSync(path + forms[wanted]) ? wanted : undefined
}

/** By size and time, which the replicas of one image agree on. */
function tagOf(path: string): string | undefined {
  const file = statSync(path, { throwIfNoEntry: false })
  return file && `W/"${file.size.toString(16)}-${Math.trunc(file.mtimeMs).toString(16)}"`
}
