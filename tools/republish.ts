import { parseArgs } from 'node:util'
import { openBus } from '../libs/kit/src/bus.ts'
import { openPool } from '../libs/kit/src/database.ts'
import { createLogger } from '../libs/kit/src/logger.ts'
import type { DatabaseService } from '../libs/kit/src/migrate.ts'
import { republishSince } from '../libs/kit/src/republish-since.ts'
import { busOf, databaseOf } from './launcher/where-is.ts'

const usage = `npm run republish -- --since TIME [--service auth|ledger|audit]

Sends the events that services wrote since TIME (2026-11-24T10:00:00Z) to the bus again: where a bus lost them before they
were read and nobody noticed. Nothing is doubled. People can go on meanwhile.

Without --service all three of the development system; elsewhere one at a time, with DATABASE_URL (as the service's own
role), NATS_URL and NATS_PREFIX in the environment.`

try {
  const { values } = parseArgs({
    options: {
      since: { type: 'string' },
      service: { type: 'string' },
      help: { type: 'boolean', short: 'h' },
    },
  })
  if (values.help || !values.since) console.log(usage)
  else await republish(instantOf(values.since), servicesOf(values.service))
} catch (error) {
  console.error((error as Error).message)
  process.exitCode = 1
}

function instantOf(text: string): Date {
  const instant = new Date(text)
  if (Number.isNaN(instant.getTime()))
    throw new Error('--since: expected a time such as 2026-11-24T10:00:00Z')
  return instant
}

function servicesOf(name: string | undefined): DatabaseService[] {
  const all: DatabaseService[] = ['auth', 'ledger', 'audit']
  if (name === undefined && process.env['DATABASE_URL'])
    throw new Error('DATABASE_URL is one database: say whose by --service')
  const chosen = all.filter((service) => name === undefined || service === name)
  if (chosen.length === 0) throw new Error('--service: expected auth, ledger or audit')
  return chosen
}

async function republish(since: Date, chosen: readonly DatabaseService[]): Promise<void> {
  const logger = createLogger('republish', 'warn')
  const config = {
    NATS_URL: busOf(process.env),
    NATS_PREFIX: process.env['NATS_PREFIX'] ?? '',
    NATS_REPLICAS: 1,
  }
  const link = openBus(config, 'republish', logger)
  try {
    const bus = await link.ready
    for (const service of chosen) {
      const pool = openPool(databaseOf(service, process.env), logger, 1)
      const sent = await republishSince(pool, bus, since).finally(() => pool.end())
      console.log(`${service}: ${sent} events were sent again`)
    }
  } finally {
    await link.stop()
  }
}
