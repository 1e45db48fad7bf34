import { setTimeout as sleep } from 'node:timers/promises'
import type { BusLink } from '@common-purse/kit/bus'
import type { Logger } from '@common-purse/kit/logger'
import type { AnchorPublisher } from './publish-anchors.ts'

interface Deps {
  publisher: AnchorPublisher
  link: Pick<BusLink, 'isConnected'>
  logger: Logger
}

/** Anchors what has grown, every so many seconds, for as long as the service runs and whenever the bus is there. */
export function startAnchoring({ publisher, link, logger }: Deps, seconds: number) {
  const stopping = new AbortController()
  const run = async () => {
    for (let told = false; !stopping.signal.aborted;) {
      try {
        if (link.isConnected()) await publisher.turn()
        told = false
      } catch (error) {
        if (!told)
          logger.warn({ err: (error as Error).message }, 'Chains could not be anchored; trying again')
        told = true
      }
      await sleep(seconds * 1000, undefined, { signal: stopping.signal }).catch(() => undefined)
    }
  }
  const running = run()
  return {
    stop: async () => {
      stopping.abort()
      await running
    },
  }
}
