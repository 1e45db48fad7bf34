import { parseArgs } from 'node:util'
import type { StreamName } from '@common-purse/contracts'
import { type Bus, openBus } from '../libs/kit/src/bus.ts'
import { createLogger } from '../libs/kit/src/logger.ts'
import { alignMembers } from './backup/align-members.ts'
import { type LostChange, lostChanges } from './backup/lost-changes.ts'
import { withSql } from './backup/with-sql.ts'
import { failure } from './launcher/failure.ts'
import { say } from './launcher/say.ts'
import { waitUntil } from './launcher/wait-until.ts'
import { busOf, wholeDatabaseOf } from './launcher/where-is.ts'

const usage = `npm run after-restore

To be run when the services work with a restored database. Waits until the trail and the ledger have read what the bus has of the
time after the backup, makes the ledger's members equal to the auth service's, and prints what was lost: the entries of the trail
that the books do not have. It can be run again.

DATABASE_URL names the database as a role that may change everything in it, NATS_URL (and NATS_PREFIX) the bus; without them it
is the development system, which has to run.`

// Which reader has to have read which stream, and where it says how far it is.
const readers: readonly [schema: string, reader: string, stream: StreamName][] = [
  ['ledger', 'ledger-people', 'AUTH_EVENTS'],
  ['audit', 'audit-auth', 'AUTH_EVENTS'],
  ['audit', 'audit-ledger', 'LEDGER_EVENTS'],
  ['audit', 'audit-audit', 'AUDIT_EVENTS'],
]
const PATIENCE_MS = 10 * 60_000

try {
  const { values } = parseArgs({ options: { help: { type: 'boolean', short: 'h' } } })
  if (values.help) console.log(usage)
  else await afterRestore(wholeDatabaseOf(process.env), process.env)
} catch (error) {
  console.error((error as Error).message)
  process.exitCode = 1
}

/** Makes the services' pictures of each other agree after a restore, and tells what was lost. */
async function afterRestore(url: string, env: NodeJS.ProcessEnv): Promise<void> {
  const config = { NATS_URL: busOf(env), NATS_PREFIX: env['NATS_PREFIX'] ?? '', NATS_REPLICAS: 1 }
  const link = openBus(config, 'after-restore', createLogger('after-restore', 'warn'))
  try {
    await untilRead(url, await link.ready)
  } finally {
    await link.stop()
  }
  const { changed, added, removed } = await withSql(url, alignMembers)
  say(`the ledger's members are the auth service's: ${changed} changed, ${added} added, ${removed} removed`)
  tellOf(await withSql(url, lostChanges))
}

/** Waits until each reader has stored what was on the bus at the beginning. */
async function untilRead(url: string, bus: Bus): Promise<void> {
  for (const [schema, reader, stream] of readers) {
    const { last_seq } = (await bus.jsm.streams.info(bus.stream(stream))).state
    const hasRead = () =>
      withSql(url, async (sql) => {
        const place = `SELECT seq FROM ${schema}.stream_positions WHERE reader = $1`
        const { rows } = await sql.query<{ seq: string }>(place, [reader])
        return Number(rows[0]?.seq ?? 0) >= last_seq
      })
    if (!(await waitUntil(hasRead, { withinMs: PATIENCE_MS, everyMs: 500 })))
      throw failure(`${reader} has not read ${stream} up to ${last_seq}.`, `Does the ${schema} service run?`)
  }
}

function tellOf(lost: readonly LostChange[]): void {
  if (lost.length === 0) return console.log('The trail tells of nothing that the books have lost.')
  for (const { family_id, seq, occurred_at, action, entity_id, actor_id } of lost)
    console.log([family_id, seq, occurred_at.toISOString(), action, entity_id, actor_id ?? '-'].join(' '))
  console.log(
    `${lost.length} entries of the trail (family, number, time, action, what, who) are lost in the books.`,
  )
  const passwords = lost.filter(({ action }) => action === 'user.password_changed')
  if (passwords.length > 0)
    console.log(
      `${passwords.length} of them changed a password: the old one is in force again. Tell these people to change it.`,
    )
}
