import type { Logger } from '@common-purse/kit/logger'
import type pg from 'pg'
import { findKnownStream, rememberStream } from './anchor-store.ts'

/** Which stream of anchors there is, and how far it reaches. */
export interface StreamEnd {
  /** When the stream was made, as the bus writes it. */
  created: string
  lastSeq: number
}

const isSame = (known: StreamEnd, there: StreamEnd) =>
  known.created === there.created && known.lastSeq <= there.lastSeq

/**
 * Whether the stream of anchors is the one in which every chain was looked at. A bus that lost its disk has made another,
 * and one whose disk is of an older state has a shorter one: then what is marked as anchored is not in it. That all was
 * looked at is remembered at the end, so that a crash in between begins again; where several replicas do, each finds what
 * the others did.
 */
export function watchStream(pool: pg.Pool, logger: Logger) {
  let known: StreamEnd | undefined
  let isNew = false
  return {
    /** Call before chains are looked at; `look` asks the bus. */
    greet: async (look: () => Promise<StreamEnd>): Promise<StreamEnd> => {
      known ??= await findKnownStream(pool) // before the bus is asked: what is remembered is in it
      const there = await look()
      if (known && isSame(known, there)) return there
      if (known && !isNew)
        logger.error({ known, there }, 'The bus has lost the anchors: every chain is anchored anew')
      isNew = true
      return there
    },
    /** Whether chains have to be looked at that did not grow. */
    isNew: () => isNew,
    /** Call after every chain that has to be was looked at. */
    settle: async (there: StreamEnd): Promise<void> => {
      if (isNew || known?.lastSeq !== there.lastSeq) await rememberStream(pool, there, isNew)
      known = there
      isNew = false
    },
  }
}
