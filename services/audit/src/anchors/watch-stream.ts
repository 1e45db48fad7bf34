import type { Logger } from '@common-purse/kit/logger'
import type pg from 'pg'
import { findKnownStream, rememberStream } from './anchor-store.ts'

/**
 * Whether the stream of anchors is the one in which every chain was looked at. A bus that lost its disk has made another:
 * then what is marked as anchored is not in it. That all was looked at is remembered at the end, so that a crash in between
 * begins again; where several replicas do, each finds what the others did.
 */
export function watchStream(pool: pg.Pool, logger: Logger) {
  let known: string | undefined
  let isNew = false
  return {
    /** Call with when the stream was created, before chains are looked at. */
    greet: async (created: string): Promise<void> => {
      if (created === known) return
      known = await findKnownStream(pool)
      if (known !== undefined && known !== created && !isNew)
        logger.error({ known, created }, 'The bus has lost the anchors: every chain is anchored anew')
      isNew = known !== created
    },
    /** Whether chains have to be looked at that did not grow. */
    isNew: () => isNew,
    /** Call after every chain that has to be was looked at. */
    settle: async (created: string): Promise<void> => {
      if (isNew) await rememberStream(pool, created)
      known = created
      isNew = false
    },
  }
}
