import { forgetOldKeys } from '@common-purse/kit/idempotency'
import type { Logger } from '@common-purse/kit/logger'
import type pg from 'pg'
import type { Config } from './config.ts'

/** Forgets idempotency keys that are too old to count, now and then; several replicas may do it at once. */
export function startCleanUp(
  pool: pg.Pool,
  settings: Pick<Config, 'CLEAN_UP_SECONDS' | 'IDEMPOTENCY_SECONDS'>,
  logger: Logger,
) {
  let running: Promise<void> = Promise.resolve()
  const round = () => {
    running = running
      .then(() => forgetOldKeys(pool, settings.IDEMPOTENCY_SECONDS))
      .then(
        (forgotten) =>
          void (forgotten > 0 && logger.info({ forgotten }, 'Old idempotency keys are forgotten')),
        (error: Error) => logger.warn({ err: error.message }, 'Cleaning up will be tried again'),
      )
  }
  const timer = setInterval(round, settings.CLEAN_UP_SECONDS * 1000)
  return async () => {
    clearInterval(timer)
    await running
  }
}
