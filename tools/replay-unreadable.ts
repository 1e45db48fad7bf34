import { parseArgs } from 'node:util'
import { inTransaction, openPool } from '../libs/kit/src/database.ts'
import { createLogger } from '../libs/kit/src/logger.ts'
import type { StreamReader } from '../libs/kit/src/start-reader.ts'
import { listUnreadable, replayUnreadable } from '../libs/kit/src/unreadable.ts'
import { trailReaders } from '../services/audit/src/read-streams.ts'
import { peopleReader } from '../services/ledger/src/members/project-members.ts'
import { databaseOf } from './launcher/where-is.ts'

const usage = `npm run replay-unreadable [-- --list | --all | --id N] [--service audit|ledger]

Messages that a service could not process are kept aside with the reason. After the reason was put right, this processes
them as they would have been when they arrived: --all, or one by its number. What works is marked as done, what does not
stays with its new reason. It can run while people use the system. --list, which is what it does unless told, changes
nothing. The trail's messages unless told; ledger is the ledger's picture of members.

DATABASE_URL names the service's database as its own role; without it the development system's is taken.`

type Pool = ReturnType<typeof openPool>

const readersOf: Record<string, StreamReader<unknown>[]> = { audit: trailReaders, ledger: [peopleReader] }

try {
  const { values } = parseArgs({
    options: {
      list: { type: 'boolean', default: false },
      all: { type: 'boolean', default: false },
      id: { type: 'string' },
      service: { type: 'string', default: 'audit' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  })
  if (values.help) console.log(usage)
  else process.exitCode = await run(values)
} catch (error) {
  console.error((error as Error).message)
  process.exitCode = 2
}

/** Answers the exit code: 1 when something is still wrong. */
async function run(values: { list: boolean; all: boolean; id?: string | undefined; service: string }) {
  const { service } = values
  if (service !== 'audit' && service !== 'ledger') throw new Error('--service: expected audit or ledger')
  if (values.id !== undefined && !/^[1-9][0-9]{0,17}$/.test(values.id))
    throw new Error('--id: expected the number that --list shows')
  const pool = openPool(databaseOf(service, process.env), createLogger('replay-unreadable', 'warn'), 2)
  try {
    if (!values.all && values.id === undefined) return await list(pool)
    return await replay(pool, readersOf[service]!, values.id)
  } finally {
    await pool.end()
  }
}

/** Everything that is kept aside, a hundred at a time. */
async function* keptAside(pool: Pool) {
  for (let after = '0'; ;) {
    const page = await listUnreadable(pool, after)
    yield* page
    if (page.length === 0) return
    after = page.at(-1)!.id
  }
}

async function list(pool: Pool): Promise<number> {
  let count = 0
  for await (const { id, received_at, subject, bytes, kind, reason } of keptAside(pool)) {
    count++
    console.log(
      `${id}  ${received_at.toISOString()}  ${subject}  ${bytes} bytes  ${kind}: ${printable(reason)}`,
    )
  }
  console.log(`${count} messages are kept aside`)
  return 0
}

async function replay(
  pool: Pool,
  readers: StreamReader<unknown>[],
  only: string | undefined,
): Promise<number> {
  const counts = { stored: 0, wrong: 0 }
  for await (const { id, stream, subject } of keptAside(pool)) {
    if (only !== undefined && id !== only) continue
    const reader = readers.find((candidate) => candidate.stream === stream)
    if (!reader) throw new Error(`Nobody reads the stream ${stream} any more (message ${id})`)
    const verdict = await replayUnreadable(pool, id, (text, under) =>
      inTransaction(pool, (tx) => reader.handle(tx, [reader.parse(text, under)])),
    )
    if (verdict) counts.wrong++
    else counts.stored++
    console.log(
      `${id}  ${subject}  ${verdict ? `still ${verdict.kind}: ${printable(verdict.reason)}` : 'processed'}`,
    )
  }
  if (only !== undefined && counts.stored + counts.wrong === 0)
    throw new Error(`No message is kept aside under the number ${only}`)
  console.log(`${counts.stored} processed, ${counts.wrong} still wrong`)
  return counts.wrong === 0 ? 0 : 1
}

/** A reason may quote what somebody sent: a terminal must not obey it. */
function printable(text: string): string {
  return text.replaceAll(/\p{Cc}/gu, '·')
}
