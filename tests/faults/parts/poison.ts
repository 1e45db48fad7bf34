import { connect, type NatsConnection } from '@nats-io/transport-node'
import { waitUntil } from '../../../tools/launcher/wait-until.ts'
import type { PartOptions } from '../options.ts'
import { type Scene, underLoad } from '../scene.ts'

/** What is promised, and more patience for a machine of which nothing is known. */
const limits = { fullMs: 5_000, shortMs: 30_000 }
const ROUNDS = 4

/** Messages that no event of ours looks like are put between those that are: they are kept aside and hold up nobody. */
export async function poison(options: PartOptions): Promise<string[]> {
  const kinds = poisons({ id: crypto.randomUUID(), payload: {} }).length
  return await underLoad(options, { name: 'poison', keptAside: ROUNDS * kinds }, async (scene) => {
    const nats = await connectTo(scene.house.servers.nats)
    const late: string[] = []
    for (let round = 0; round < ROUNDS; round += 1) {
      await scene.goOn((round + 1) / ROUNDS, (round + 0.3) / ROUNDS)
      late.push(...(await poisonOnce(scene, nats)))
    }
    await nats.close()
    return late
  })
}

async function connectTo(url: string): Promise<NatsConnection> {
  const { host, username, password } = new URL(url)
  return await connect({ servers: host, user: username, pass: password })
}

interface Known {
  id: string
  payload: Record<string, unknown>
}

/** The subject and the text of one message of each kind. `known` is an event that is in the trail. */
const poisons = ({ id, payload }: Known): [string, string][] => [
  ['ledger.transaction.posted.v1', 'not JSON'],
  [
    'ledger.transaction.invented.v1',
    JSON.stringify({ ...payload, id: crypto.randomUUID(), type: 'ledger.transaction.invented.v1' }),
  ],
  [
    'ledger.transaction.posted.v9',
    JSON.stringify({ ...payload, id: crypto.randomUUID(), type: 'ledger.transaction.posted.v9' }),
  ],
  [
    'ledger.transaction.posted.v1',
    JSON.stringify({ ...payload, id: crypto.randomUUID(), reason: 'x'.repeat(900_000) }),
  ],
  ['ledger.transaction.posted.v1', JSON.stringify({ ...payload, id, reason: 'not what it said' })],
]

/** Publishes one of each kind, and measures when what is committed after them is in the trail. */
async function poisonOnce({ house, short, say }: Scene, nats: NatsConnection): Promise<string[]> {
  const known = await house.withSql((sql) =>
    sql.query<Known>(
      `SELECT o.id, o.payload FROM ledger.outbox o JOIN audit.event_log e ON e.event_id = o.id
       WHERE o.subject = 'ledger.transaction.posted.v1' ORDER BY o.seq LIMIT 1`,
    ),
  )
  for (const [subject, text] of poisons(known.rows[0]!)) nats.publish(subject, text)
  await nats.flush()
  const startedAt = Date.now()
  await house.withSql(async (sql) => {
    const { rows } = await sql.query<{ seq: string }>('SELECT max(seq) AS seq FROM ledger.outbox')
    const arrived = async () => {
      const { rowCount } = await sql.query(
        `SELECT FROM ledger.outbox o JOIN audit.event_log e ON e.event_id = o.id WHERE o.seq > $1 LIMIT 1`,
        [rows[0]!.seq],
      )
      return (rowCount ?? 0) > 0
    }
    await waitUntil(arrived, { withinMs: 60_000, signal: house.launcher.signal })
  })
  const tookMs = Date.now() - startedAt
  say(`poison on the bus; what came after it was in the trail ${(tookMs / 1000).toFixed(1)} s later`)
  const limitMs = short ? limits.shortMs : limits.fullMs
  return tookMs <= limitMs ? [] : [`What came after the poison took ${tookMs} ms; ${limitMs} are allowed`]
}
