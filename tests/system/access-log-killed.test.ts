import { afterAll, beforeAll, expect, test } from '@jest/globals'
import pg from 'pg'
import { startTcpProxy, type TcpProxy } from '../../services/gateway/test/support/tcp-proxy.ts'
import { eventually } from '../support/eventually.ts'
import { through } from '../support/gateway-beside.ts'
import { givenAccount, givenFamily, type Person } from '../support/given.ts'
import { type House, startHouse } from '../support/house.ts'
import { type ServiceProcess, startServiceProcess } from '../support/service-process.ts'

const plenty = '10000000/60'

let house: House
let bus: TcpProxy
let gateway: ServiceProcess
let sql: pg.Client
let owner: Person
let walletId: string

beforeAll(async () => {
  house = await startHouse({ services: ['auth', 'ledger', 'audit'] })
  const nats = new URL(house.env['NATS_URL']!)
  bus = await startTcpProxy({ host: nats.hostname, port: Number(nats.port) })
  gateway = await startServiceProcess('gateway', {
    ...house.env,
    NATS_URL: through(nats, bus),
    JWKS_URL: `${house.urls.auth}/.well-known/jwks.json`,
    REVOCATIONS_URL: `${house.opsUrls.auth}/revocations`,
    AUTH_URL: house.urls.auth,
    LEDGER_URL: house.urls.ledger,
    AUDIT_URL: house.urls.audit,
    RATE_LIMIT_ADDRESS: plenty,
    RATE_LIMIT_USER: plenty,
    RATE_LIMIT_FAMILY: plenty,
  })
  sql = new pg.Client({ connectionString: house.database.adminUrl })
  await sql.connect()
  owner = (await givenFamily({ ...house, urls: { ...house.urls, gateway: gateway.url } })).owner
  walletId = (await givenAccount(owner, { opening_balance: '10000.00' })).id
}, 60_000)
afterAll(async () => {
  await sql.end()
  await gateway.stop()
  await bus.stop()
  await house.stop()
})

interface Answered {
  requestId: string
  status: number
}

/** Readers and spenders at once until told to stop; what was answered is noted as soon as its head is there. */
function startLoad() {
  const answered: Answered[] = []
  let stopped = false
  const read = async () => {
    const headers = { authorization: `Bearer ${owner.session.access_token}` }
    const answer = await fetch(`${gateway.url}/api/v1/accounts`, { headers })
    answered.push({ requestId: answer.headers.get('x-request-id')!, status: answer.status })
    await answer.arrayBuffer()
  }
  const spend = () =>
    owner.ledger.call('submitTransaction', {
      body: { type: 'expense', account_id: walletId, amount: '0.01', currency: 'EUR' },
    })
  const again = async (work: () => Promise<unknown>) => {
    // Between two lives of the gateway nobody answers; a moment's pause leaves the machine to its start.
    while (!stopped) await work().catch(() => new Promise((resolve) => setTimeout(resolve, 20)))
  }
  const running = Promise.all([read, read, read, spend, spend].map(again))
  return {
    answered,
    until: (count: number) =>
      eventually(
        () => Promise.resolve(answered.length),
        (seen) => seen >= count,
        60_000,
      ),
    stop: async () => {
      stopped = true
      await running
    },
  }
}

/** Waits until every answer has its line, and tells what is wrong with the lines. */
async function checkLines(answered: Answered[]) {
  const find = async () => {
    const { rows } = await sql.query<{ request_id: string; statuses: number[] }>(
      'SELECT request_id, array_agg(status) AS statuses FROM audit.access_log GROUP BY request_id',
    )
    const lines = new Map(rows.map(({ request_id: id, statuses }) => [id, statuses]))
    return {
      missing: answered.filter(({ requestId }) => !lines.has(requestId)).length,
      doubled: rows.filter(({ statuses }) => statuses.length > 1).length,
      otherwise: answered.filter(
        ({ requestId, status }) => lines.has(requestId) && lines.get(requestId)![0] !== status,
      ).length,
    }
  }
  expect(await eventually(find, ({ missing }) => missing === 0, 30_000)).toEqual({
    missing: 0,
    doubled: 0,
    otherwise: 0,
  })
}

/** Entries of the trail whose request is not in the access log. */
async function entriesWithoutLine(): Promise<number> {
  const { rows } = await sql.query<{ count: number }>(
    `SELECT count(*)::int AS count FROM ledger.outbox o
     WHERE o.payload ->> 'requestid' IS NOT NULL AND NOT EXISTS
       (SELECT 1 FROM audit.access_log l WHERE l.request_id = o.payload ->> 'requestid')`,
  )
  return rows[0]!.count
}

test('a gateway killed under load has told of each answer once, and of each change', async () => {
  const load = startLoad()
  for (const count of [100, 250, 400]) {
    await load.until(count)
    await gateway.kill()
    await gateway.start()
  }
  await load.until(500)
  await load.stop()
  await checkLines(load.answered)
  await eventually(entriesWithoutLine, (count) => count === 0, 30_000)
}, 120_000)

test('neither does a bus lose any that is away through thousands of requests and a kill', async () => {
  bus.cut()
  const load = startLoad()
  await load.until(1_000)
  await gateway.kill()
  await gateway.start()
  await load.until(2_000)
  await load.stop()
  const { rows } = await sql.query('SELECT 1 FROM audit.access_log WHERE request_id = $1', [
    load.answered.at(-1)!.requestId,
  ])
  expect(rows).toEqual([])
  bus.heal()
  await checkLines(load.answered)
  await eventually(entriesWithoutLine, (count) => count === 0, 30_000)
}, 120_000)

test('a stop does not wait for a bus that is away: the next gateway goes on', async () => {
  bus.cut()
  const load = startLoad()
  await load.until(50)
  await load.stop()
  await gateway.stop()
  bus.heal()
  await gateway.start()
  await checkLines(load.answered)
}, 60_000)
