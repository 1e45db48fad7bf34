import { randomBytes, randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { ApiError, type ApiClient, createClient } from '../../libs/client/src/index.ts'

const usage = `node tests/k8s/under-load.ts --url http://HOST [--requests 5000] [--families 4] [--rate 10]

Families spend through a gateway that runs anywhere, each RATE times a second, while somebody deletes pods or restarts deployments.
Each spending is asked for until it is answered, with one key. Says how many requests failed at first, then compares balances,
transactions and trails with what was answered. Exit code 1 when anything acknowledged is missing or doubled.`

const { values } = parseArgs({
  options: {
    url: { type: 'string', default: 'http://127.0.0.1:8000' },
    requests: { type: 'string', default: '5000' },
    families: { type: 'string', default: '4' },
    rate: { type: 'string', default: '10' },
    help: { type: 'boolean', short: 'h', default: false },
  },
})
const seen = { requests: 0, failed: new Map<string, number>() }

interface Family {
  api: ApiClient
  accountId: string
  /** Transactions that were answered. */
  answered: Set<string>
}

if (values.help) console.log(usage)
else process.exitCode = (await run()) ? 0 : 1

async function run(): Promise<boolean> {
  const families = await Promise.all(Array.from({ length: Number(values.families) }, found))
  console.log(`load: ${families.length} families, ${values.requests} requests`)
  const startedAt = performance.now()
  const each = Math.ceil(Number(values.requests) / families.length)
  await Promise.all(families.map((family) => spendOften(family, each)))
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(0)
  const failed = [...seen.failed].map(([why, count]) => `${count} × ${why}`).join(', ')
  console.log(`load: ${seen.requests} requests in ${seconds} s; failed: ${failed || 'none'}`)
  const wrong = (await Promise.all(families.map(compare))).flat()
  for (const line of wrong) console.log(`  ${line}`)
  const total = families.reduce((sum, { answered }) => sum + answered.size, 0)
  console.log(
    `${wrong.length === 0 ? 'ok    ' : 'FAILED'} ${total} spendings, each once in the books and in the trail`,
  )
  return wrong.length === 0
}

async function found(): Promise<Family> {
  const visitor = createClient({ baseUrl: values.url })
  const { access_token, signing_key } = await visitor.call('register', {
    body: {
      email: `load-${randomUUID()}@purse.example`,
      password: randomBytes(18).toString('base64url'),
      display_name: 'Load',
      family_name: 'Under load',
    },
  })
  const credentials = () => ({ accessToken: access_token, signingKey: signing_key })
  const api = createClient({ baseUrl: values.url, credentials, timeoutMs: 20_000 })
  const body = { name: 'Household', kind: 'bank', currency: 'EUR', opening_balance: '10000.00' } as const
  const { id } = await untilAnswered(() => api.call('openAccount', { body, idempotencyKey: randomUUID() }))
  return { api, accountId: id, answered: new Set() }
}

/** So many a second, however long each takes. */
async function spendOften(family: Family, count: number): Promise<void> {
  const underWay: Promise<void>[] = []
  for (let n = 0; n < count; n += 1) {
    underWay.push(spendOnce(family))
    await sleep(1000 / Number(values.rate))
  }
  await Promise.all(underWay)
}

async function spendOnce({ api, accountId, answered }: Family): Promise<void> {
  const idempotencyKey = randomUUID()
  const body = {
    type: 'expense',
    account_id: accountId,
    amount: '0.01',
    currency: 'EUR',
    description: 'load',
  } as const
  const { id } = await untilAnswered(() => api.call('submitTransaction', { body, idempotencyKey }))
  answered.add(id!)
}

async function untilAnswered<T>(ask: () => Promise<T>): Promise<T> {
  for (;;) {
    seen.requests += 1
    try {
      return await ask()
    } catch (error) {
      const why = error instanceof ApiError ? error.problem.code : reasonOf(error as Error)
      seen.failed.set(why, (seen.failed.get(why) ?? 0) + 1)
      await sleep(500)
    }
  }
}

const reasonOf = ({ message, cause }: Error) =>
  cause instanceof Error ? `${message} (${cause.message})` : message

async function compare({ api, accountId, answered }: Family): Promise<string[]> {
  const balance = await untilAnswered(() => api.call('getBalance', { params: { id: accountId } }))
  const expected = (10_000 - answered.size / 100).toFixed(2)
  const wrong = balance.posted === expected ? [] : [`the balance is ${balance.posted} instead of ${expected}`]
  const booked = await readAll((cursor) =>
    api.call('listTransactions', { query: { limit: '100', ...cursor } }),
  )
  const spent = booked.filter(({ description }) => description === 'load').map(({ id }) => id!)
  wrong.push(...differences('the books', answered, spent))
  for (let turn = 0; ; turn += 1) {
    const events = await readAll((cursor) =>
      api.call('listAuditEvents', { query: { limit: '100', ...cursor } }),
    )
    const told = events.flatMap(({ entity_id }) => (answered.has(entity_id) ? [entity_id] : []))
    const missing = differences('the trail', answered, told)
    // The trail is written a moment after the books.
    if (missing.length === 0 || turn === 20) {
      const { intact } = await untilAnswered(() => api.call('verifyAudit'))
      return [...wrong, ...missing, ...(intact ? [] : ['the trail is broken'])]
    }
    await sleep(1_000)
  }
}

function differences(where: string, answered: Set<string>, found: string[]): string[] {
  const distinct = new Set(found)
  const missing = [...answered].filter((id) => !distinct.has(id)).length
  const more = found.length - (answered.size - missing)
  return [
    ...(missing > 0 ? [`${missing} are missing in ${where}`] : []),
    ...(more > 0 ? [`${more} too many are in ${where}`] : []),
  ]
}

interface Page<Item> {
  items: Item[]
  next_cursor?: string | null
}

async function readAll<Item>(read: (cursor: { cursor?: string }) => Promise<Page<Item>>): Promise<Item[]> {
  const all: Item[] = []
  for (let cursor: string | undefined; ;) {
    const page = await untilAnswered(() => read(cursor ? { cursor } : {}))
    all.push(...page.items)
    if (!page.next_cursor) return all
    cursor = page.next_cursor
  }
}
