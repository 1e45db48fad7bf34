import { ServerResponse } from 'node:http'
import { randomUUID } from 'node:crypto'
import type { RouteId } from '@common-purse/contracts'
import type { BusLink } from '@common-purse/kit/bus'
import type { Logger } from '@common-purse/kit/logger'
import type { RequestHandler, Response } from 'express'
import { policyOf, stateOf } from '../request-state.ts'
import { toAccessLine } from './access-line.ts'
import { findLeftSpools } from './left-spools.ts'
import { createLineQueue } from './line-queue.ts'
import { BATCH_MAX, startPublisher } from './publish-lines.ts'
import { openSpool } from './spool.ts'

export interface AccessLog {
  /** First for each request: its line is on disk before the head of its answer can leave. */
  record: RequestHandler
  /** For each request that passed the layers: what leaves an entry in the trail is on disk before a service hears of it. */
  accept: RequestHandler
  /** Lines that the bus has not taken yet. */
  waiting(): number
  /** Lines lost, because the bus was away for too long. */
  dropped(): number
  /** Lines that would be lost with the process. */
  inMemory(): number
  /** Bytes on disk, what earlier processes left included. */
  bytes(): number
  /** Records of earlier processes that could not be read. */
  unreadable(): number
  /** Sends what it can at once; the rest stays on disk for the next process. */
  stop(): Promise<void>
}

export interface AccessLogOptions {
  link: BusLink
  logger: Logger
  now: () => Date
  /** Folder of this machine's gateways, for lines on their way; without one they are lost with the process. */
  dir: string | undefined
  bytesMax: number
  /** Lines kept in memory while there is no room on disk; what goes beyond is counted and lost. */
  linesMax?: number
}

/** Keeps a line for every request until the bus has acknowledged it, at the price of a few microseconds each. */
export function startAccessLog(options: AccessLogOptions): AccessLog {
  const { link, logger, now, dir, bytesMax, linesMax = 100_000 } = options
  if (dir === undefined)
    logger.warn('ACCESS_SPOOL_DIR is not set: access lines that were not sent yet are lost with the process')
  const left = dir === undefined ? undefined : findLeftSpools(dir)
  const spool =
    dir === undefined
      ? undefined
      : openSpool({
          dir,
          bytesMax,
          leftBytes: left!.bytes,
          onFailure: (error) =>
            logger.error({ err: error.message }, 'Access lines cannot be written to disk and stay in memory'),
        })
  const queue = createLineQueue({ spool, linesMax, logger })
  const publisher = startPublisher({ link, logger, queue, left })

  const finish = (res: Response) => {
    const { access } = stateOf(res)
    if (!access || access.over) return
    access.over = true
    const line = toAccessLine(res.req, res, access, performance.now() - access.startedAt)
    queue.add(line.id, JSON.stringify(line))
    if (queue.waiting() === BATCH_MAX) publisher.rouse()
  }

  const writeHead = withWork((res) => finish(res as Response)) as Response['writeHead']

  return {
    record: (_req, res, next) => {
      stateOf(res).access = {
        id: randomUUID(),
        at: now().toISOString(),
        startedAt: performance.now(),
        over: false,
      }
      res.writeHead = writeHead
      res.once('close', () => finish(res))
      next()
    },
    accept: (req, res, next) => {
      const { access } = stateOf(res)
      if (spool && access && !access.over && leavesEntry(policyOf(res)))
        spool.open(access.id, JSON.stringify(toAccessLine(req, res, access, 0)))
      next()
    },
    waiting: queue.waiting,
    dropped: queue.dropped,
    inMemory: queue.inMemory,
    bytes: () => (spool?.bytes() ?? 0) + (left?.bytes() ?? 0),
    unreadable: () => left?.unreadable() ?? 0,
    stop: async () => {
      await publisher.stop()
      spool?.close()
    },
  }
}

const readsWithEntry: ReadonlySet<RouteId> = new Set<RouteId>([
  'verifyAudit',
  'exportAudit',
  'exportTransactions',
])

const leavesEntry = ({ id, method }: { id: RouteId; method: string }): boolean =>
  method !== 'GET' || readsWithEntry.has(id)

/**
 * Every answer goes through `writeHead`, which only makes the head; its bytes leave with what is written next. One function
 * for all answers: with one made for each, whole requests outlived the short collections.
 */
function withWork(work: (res: ServerResponse) => void): ServerResponse['writeHead'] {
  const { writeHead } = ServerResponse.prototype as { writeHead: (...given: unknown[]) => ServerResponse }
  return function (this: ServerResponse, ...given: unknown[]) {
    writeHead.apply(this, given)
    work(this)
    return this
  }
}
