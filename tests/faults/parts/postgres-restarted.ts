import type { PartOptions } from '../options.ts'
import { underLoad } from '../scene.ts'

/** How an operator restarts PostgreSQL: ending sessions and closing properly, or leaving the rest to recovery. */
const signals = ['SIGINT', 'SIGQUIT', 'SIGINT'] as const

/** PostgreSQL is restarted while money moves. */
export const postgresRestarted = (options: PartOptions): Promise<string[]> =>
  underLoad(options, { name: 'postgres-restarted' }, async (scene) => {
    for (const [n, signal] of signals.entries()) {
      await scene.goOn((n + 1) / signals.length, (n + 0.4) / signals.length)
      await scene.remember()
      const tookMs = await scene.outages.kill('postgres', signal)
      scene.say(`PostgreSQL was restarted (${signal}); it worked again ${(tookMs / 1000).toFixed(1)} s later`)
    }
    return []
  })
