import { parseArgs } from 'node:util'
import { openBus } from '../libs/kit/src/bus.ts'
import { openPool } from '../libs/kit/src/database.ts'
import { createLogger } from '../libs/kit/src/logger.ts'
import { type Accepted, acceptRestored, type Failed } from '../services/audit/src/anchors/accept-restored.ts'
import { createAnchorStream } from '../services/audit/src/anchors/anchor-stream.ts'
import { busOf, databaseOf } from './launcher/where-is.ts'

const usage = `npm run anchor-restored -- --reason TEXT

After the trail's database was restored to an earlier moment, or something was put among the anchors that is none: anchors
the chains that contradict their anchors anew, as they are now. The reason is kept in the anchors and in the families' trails.
Without NATS_URL, NATS_PREFIX and DATABASE_URL (as the
role purse_audit) it is the development system's. Exits with 1 when a chain was left as it is: it is not
whole in itself, or its anchors cannot be read.`

try {
  const options = { reason: { type: 'string' }, help: { type: 'boolean', short: 'h' } } as const
  const { values } = parseArgs({ options })
  if (values.help || !values.reason || values.reason.length > 500) console.log(usage)
  else process.exitCode = await anchorRestored(values.reason)
} catch (error) {
  console.error((error as Error).message)
  process.exitCode = 2
}

async function anchorRestored(reason: string): Promise<number> {
  const logger = createLogger('anchor-restored', 'warn')
  const config = {
    NATS_URL: busOf(process.env),
    NATS_PREFIX: process.env['NATS_PREFIX'] ?? '',
    NATS_REPLICAS: 1,
  }
  const pool = openPool(databaseOf('audit', process.env), logger, 2)
  const link = openBus(config, 'anchor-restored', logger)
  let left = 0
  try {
    await link.ready
    for await (const chain of acceptRestored(pool, createAnchorStream(link), reason)) {
      const [fine, said] = describe(chain)
      console.log(`${chain.familyId}: ${said}`)
      if (!fine) left++
    }
  } finally {
    await link.stop()
    await pool.end()
  }
  console.log(left === 0 ? 'Every chain agrees with its anchors.' : `${left} chains were left as they are.`)
  return left === 0 ? 0 : 1
}

/** Whether the chain is fine now, and what to say of it. */
function describe(chain: Accepted | Failed): [boolean, string] {
  if ('failure' in chain) return [false, chain.failure]
  const anchor =
    chain.anchoredSeq === null ? 'its newest anchor cannot be read' : `was anchored at ${chain.anchoredSeq}`
  const was = `ends at ${chain.seq}, ${anchor}`
  if (chain.brokenSeq === null) return [true, `${was}; anchored anew`]
  return [false, `${was}; broken at ${chain.brokenSeq}, left as it is`]
}
