import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import type { DomainEvent } from '../libs/contracts/src/index.ts'
import { BATCH_MAX } from '../libs/kit/src/batches.ts'
import { openBus } from '../libs/kit/src/bus.ts'
import { createLogger } from '../libs/kit/src/logger.ts'
import { type BenchHouse, clientOf, givenOwner, startBenchHouse } from './bench-house.ts'
import { holds } from './numbers.ts'

const FAMILIES = 20
const WARM_UP_EVENTS = 5_000
const EVENTS = 30_000
const ROUNDS = 3
const WITHIN_MS = 120_000

/** How fast events get into their families' chains, beside multi-row INSERTs of the same rows from one connection. */
export async function bench(): Promise<boolean> {
  const house = await startBenchHouse(['auth', 'ledger', 'audit', 'gateway'])
  const client = new pg.Client({ connectionString: house.adminUrl })
  await client.connect()
  try {
    const example = await postedEvent(house, client)
    const families = Array.from({ length: FAMILIES }, () => randomUUID())
    const some = (count: number) =>
      Array.from({ length: count }, (_, n) => copyOf(example, families[n % FAMILIES]!))
    await store(house, client, some(WARM_UP_EVENTS))
    await client.query('CREATE TABLE audit.yardstick (LIKE audit.event_log INCLUDING ALL)')
    const ratios: number[] = []
    for (let round = 1; round <= ROUNDS; round++) {
      const events = some(EVENTS)
      const ingest = await store(house, client, events)
      const insert = await insertAgain(client, events)
      ratios.push(ingest / insert)
      console.log(
        `round ${round}: ${ingest.toFixed(0)} events/s into the trail, ${insert.toFixed(0)} rows/s by INSERT`,
      )
    }
    const median = ratios.toSorted((a, b) => a - b)[Math.floor(ROUNDS / 2)]!
    return holds(`ingest with chain against INSERTs of ${BATCH_MAX} rows`, median, '>=', 0.5)
  } finally {
    await client.end()
    await house.stop()
  }
}

/** What the ledger says of a spending; the others are like it. */
async function postedEvent(house: BenchHouse, client: pg.Client): Promise<DomainEvent> {
  const api = clientOf(house, await givenOwner(house, 'owner'))
  const account = await api.call('openAccount', {
    body: { name: 'Wallet', kind: 'bank', currency: 'EUR', opening_balance: '100.00' },
  })
  await api.call('submitTransaction', {
    body: {
      type: 'expense',
      account_id: account.id,
      amount: '12.50',
      currency: 'EUR',
      description: 'coffee',
    },
  })
  const { rows } = await client.query<{ payload: DomainEvent }>(
    `SELECT payload FROM ledger.outbox WHERE subject = 'ledger.transaction.posted.v1'`,
  )
  return rows[0]!.payload
}

function copyOf(event: DomainEvent, familyid: string): DomainEvent {
  const id = randomUUID()
  return { ...event, id: randomUUID(), familyid, subject: id, data: { ...event.data, entity_id: id } }
}

/** Sends the events and answers how many a second were stored, of those that were stored after the last was sent. */
async function store(house: BenchHouse, client: pg.Client, events: DomainEvent[]): Promise<number> {
  const link = openBus({ NATS_URL: house.natsUrl, NATS_PREFIX: '', NATS_REPLICAS: 1 }, 'bench', silent)
  const bus = await link.ready
  for (let start = 0; start < events.length; start += 2_000)
    await Promise.all(
      events
        .slice(start, start + 2_000)
        .map((event) => bus.js.publish(event.type, JSON.stringify(event), { msgID: event.id })),
    )
  await link.stop()
  const last = events.at(-1)!.id
  const [from, startedAt] = [await countOf(client, events), performance.now()]
  const until = Date.now() + WITHIN_MS
  const isThere = async () =>
    (await client.query('SELECT 1 FROM audit.event_log WHERE event_id = $1', [last])).rowCount === 1
  while (!(await isThere())) {
    if (Date.now() > until) throw new Error('The events were not stored within two minutes')
    await sleep(20)
  }
  const seconds = (performance.now() - startedAt) / 1000
  return ((await countOf(client, events)) - from) / seconds
}

const silent = createLogger('bench', 'silent')

async function countOf(client: pg.Client, events: DomainEvent[]): Promise<number> {
  const { rows } = await client.query<{ count: number }>(
    'SELECT count(*)::int FROM audit.event_log WHERE event_id = ANY($1::uuid[])',
    [events.map(({ id }) => id)],
  )
  return rows[0]!.count
}

/** The very rows once more, into a table with the same indexes and checks; answers rows a second. */
async function insertAgain(client: pg.Client, events: DomainEvent[]): Promise<number> {
  const { rows, fields } = await client.query<unknown[]>({
    text: 'SELECT * FROM audit.event_log WHERE event_id = ANY($1::uuid[])',
    values: [events.map(({ id }) => id)],
    rowMode: 'array',
    types: { getTypeParser: () => (text: string) => text },
  })
  await client.query('TRUNCATE audit.yardstick')
  const columns = fields.length
  const startedAt = performance.now()
  for (let start = 0; start < rows.length; start += BATCH_MAX) {
    const batch = rows.slice(start, start + BATCH_MAX)
    const places = batch.map(
      (row, n) => `(${row.map((_, column) => `$${n * columns + column + 1}`).join(', ')})`,
    )
    await client.query(`INSERT INTO audit.yardstick VALUES ${places.join(', ')}`, batch.flat())
  }
  return rows.length / ((performance.now() - startedAt) / 1000)
}
