import type { Request, RequestHandler, Response } from 'express'

/**
 * Handlers one after the other, as Express runs them, without its search at each step for what matches the path. A handler
 * that throws, or whose promise is rejected, ends the chain with that error.
 */
export const chain =
  (...handlers: RequestHandler[]): RequestHandler =>
  (req, res, done) =>
    step(handlers, 0, { req, res, done })

interface Walk {
  req: Request
  res: Response
  done(error?: unknown): void
}

function step(handlers: RequestHandler[], index: number, walk: Walk): void {
  const handler = handlers[index]
  if (!handler) return walk.done()
  const next = (error?: unknown) => (error ? walk.done(error) : step(handlers, index + 1, walk))
  try {
    const result: unknown = handler(walk.req, walk.res, next)
    if (result instanceof Promise) result.catch(walk.done)
  } catch (error) {
    walk.done(error)
  }
}
