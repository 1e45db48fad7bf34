import { setTimeout as sleep } from 'node:timers/promises'
import { createLogger, type Logger } from './logger.ts'
import { startTelemetry } from './telemetry.ts'

export interface Running {
  /** Says "not ready" from now on while requests are still taken. */
  beginStop(): void
  stop(): Promise<void>
}

interface Settings {
  LOG_LEVEL: string
  DRAIN_SECONDS: number
}

const STOP_MS_MAX = 25_000

/**
 * The life of a service's process: parse the settings, start, stop on a signal, exit 0 within 25 seconds.
 * A wrong setting ends it with a message that names the variable.
 */
export async function runService<Config extends Settings>(
  name: string,
  loadConfig: (env: NodeJS.ProcessEnv) => Config,
  start: (config: Config, logger: Logger) => Promise<Running>,
): Promise<void> {
  let logger = createLogger(name, 'info')
  try {
    const config = loadConfig(process.env)
    logger = createLogger(name, config.LOG_LEVEL)
    const stopTelemetry = await startTelemetry(name, process.env, logger)
    const begun: { running?: Running } = {}
    // From now on, not from ready on: the first process of a container is deaf to signals that it does not listen for.
    onStopSignal(async (reason) => {
      logger.info({ reason }, 'Stopping')
      setTimeout(() => process.exit(1), STOP_MS_MAX).unref()
      const { running } = begun
      if (!running) return // what it has done so far survives a kill
      running.beginStop()
      await sleep(config.DRAIN_SECONDS * 1000)
      await running.stop()
      await stopTelemetry()
    }, logger)
    begun.running = await start(config, logger)
    logger.info('Started')
  } catch (error) {
    logger.fatal({ err: error }, (error as Error).message)
    process.exit(1)
  }
}

function onStopSignal(stop: (reason: string) => Promise<void>, logger: Logger): void {
  let stopping = false
  const once = (reason: string) => {
    if (stopping) return
    stopping = true
    stop(reason).then(
      () => process.exit(0),
      (error: unknown) => {
        logger.error({ err: error }, 'Stopping failed')
        process.exit(1)
      },
    )
  }
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => once(signal))
  // A launcher that was killed cannot send a signal; its end closes the channel.
  if (process.channel) process.on('disconnect', () => once('the launcher ended'))
}
