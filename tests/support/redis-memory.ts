import { Redis } from 'ioredis'
import { createNonceMemory } from '../../services/gateway/src/nonce-memory.ts'
import { redisScripts } from '../../services/gateway/src/redis-scripts.ts'
import { required } from './settings.ts'

/**
 * Makes Redis remember nonces since the second before this one, as where an earlier gateway has been: the first gateway on
 * a Redis waits until the second is over, and in a test it would always be the first.
 */
export async function rememberNonces(env: Record<string, string>): Promise<void> {
  const redis = new Redis(required('TEST_REDIS_URL'), { scripts: redisScripts })
  const prefix = env['REDIS_PREFIX']!
  try {
    const runId = /run_id:(\w+)/.exec(await redis.info('server'))![1]!
    if ((await createNonceMemory(prefix, () => new Date()).begin(redis, runId)) === 0) return
    const markers = await redis.keys(`${prefix}*:marker`)
    await Promise.all(markers.map((marker) => redis.hincrby(marker, 'since', -1)))
  } finally {
    redis.disconnect()
  }
}
