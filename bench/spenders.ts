import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import pg from 'pg'
import type { Session } from '../libs/contracts/src/index.ts'
import { type BenchHouse, clientOf, givenOwner } from './bench-house.ts'
import type { Job, Load } from './load.ts'
import type { Spendable } from './pgbench.ts'

const FAMILIES = 5
const ACCOUNTS_EACH = 10
const WARM_UP_MS = 3_000

/** Who spends, and what from. */
export interface Spenders {
  people: Job['people']
  spendable: Spendable[]
}

/** Five families with ten accounts each. */
export async function givenSpenders(house: BenchHouse): Promise<Spenders> {
  const spenders: Spenders = { people: [], spendable: [] }
  for (let n = 0; n < FAMILIES; n++) await addFamily(house, n, spenders)
  return spenders
}

async function addFamily(house: BenchHouse, n: number, { people, spendable }: Spenders): Promise<void> {
  const session: Session = await givenOwner(house, `owner${n}`)
  const client = clientOf(house, session)
  const accounts: string[] = []
  for (let count = 0; count < ACCOUNTS_EACH; count++) {
    const body = {
      name: `Account ${count}`,
      kind: 'bank' as const,
      currency: 'EUR' as const,
      opening_balance: '1000000.00',
    }
    const { id } = await client.call('openAccount', { body })
    accounts.push(id)
    spendable.push({ family: session.family.id, owner: session.user.id, account: id })
  }
  const { key_id: keyId, secret } = session.signing_key
  people.push({ token: session.access_token, keyId, secret, accounts })
}

/** Has them spend from a process of its own. */
export async function spend(
  house: BenchHouse,
  { callers, seconds, people }: { callers: number; seconds: number; people: Job['people'] },
): Promise<Load> {
  const child: ChildProcess = fork(join(import.meta.dirname, 'load.ts'))
  const job: Job = { url: house.gatewayUrl, callers, warmUpMs: WARM_UP_MS, measureMs: seconds * 1000, people }
  child.send(job)
  const [answer] = (await once(child, 'message')) as [Load]
  return answer
}

/** Asks the database as its superuser; answers the first row. */
export const ask = async <Row extends pg.QueryResultRow>(house: BenchHouse, sql: string): Promise<Row> => {
  const client = new pg.Client({ connectionString: house.adminUrl })
  await client.connect()
  return await client
    .query<Row>(sql)
    .then(({ rows }) => rows[0]!)
    .finally(() => client.end())
}

/** Until every event is in the trail. */
export async function drained(house: BenchHouse): Promise<void> {
  const until = Date.now() + 120_000
  const left = () =>
    ask<{ n: number }>(
      house,
      // The yardstick's events are copies: their payload names another id.
      `SELECT count(*)::int AS n FROM ledger.outbox o
       WHERE payload->>'id' = id::text AND NOT EXISTS (SELECT 1 FROM audit.event_log e WHERE e.event_id = o.id)`,
    )
  while ((await left()).n > 0) {
    if (Date.now() > until) throw new Error('The events did not arrive within two minutes')
    await new Promise((resolve) => setTimeout(resolve, 500))
  }
}
