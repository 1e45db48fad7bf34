import type { ApiClient } from '../../libs/client/src/index.ts'
import type { Answered } from './check-invariants.ts'
import type { RandomNumbers } from './random-numbers.ts'

export interface RandomAccount {
  id: string
  currency: string
}

export interface RandomClient {
  familyId: string
  role: 'owner' | 'adult' | 'member' | 'child'
  /** The same person at each replica. */
  replicas: ApiClient[]
  accounts: RandomAccount[]
  /** Accounts of another family. */
  foreign: RandomAccount[]
  random: RandomNumbers
  /** Where everything goes that the ledger answered to a change. */
  record: Answered[]
}

type RawAnswer = Awaited<ReturnType<ApiClient['send']>>

interface Change {
  target: string
  body: object
  key: string
}

/** A threshold's worth in whole units; more than it waits for somebody. */
const thresholds = { owner: 1_000, adult: 1_000, member: 100, child: 1 }
const placesOf: Record<string, number> = { JPY: 0, EUR: 2, KWD: 3 }

type Submitter = Pick<RandomClient, 'random' | 'accounts' | 'role'>

function amountOf({ random }: Submitter, currency: string, wholeMax: number): string {
  const places = placesOf[currency]!
  const whole = String(random.below(wholeMax))
  return places === 0 ? String(Number(whole) + 1) : `${whole}.${'0'.repeat(places - 1)}${1 + random.below(9)}`
}

/** A valid submission, one in ten above the client's threshold. */
export function submission(client: Submitter): Record<string, unknown> {
  const { random, accounts } = client
  const account = random.pick(accounts)
  const others = accounts.filter(({ id, currency }) => id !== account.id && currency === account.currency)
  const type = random.pick(['expense', 'expense', 'income', 'transfer'])
  const limit = thresholds[client.role]
  const amount = random.chance(0.1)
    ? amountOf(client, account.currency, limit).replace(/^\d+/, (whole) => String(Number(whole) + limit))
    : amountOf(client, account.currency, 20)
  return {
    type,
    account_id: account.id,
    amount,
    currency: account.currency,
    ...(type === 'transfer' ? { to_account_id: random.pick(others).id } : {}),
  }
}

const statusesAllowed = [200, 201, 400, 403, 404, 409, 422]

/** Sends a change and keeps what was answered. Throws at an answer that no client should ever see. */
export async function send(client: RandomClient, change: Change): Promise<RawAnswer> {
  for (;;) {
    const answer = await client.random.pick(client.replicas).send({
      method: 'POST',
      target: `/api/v1${change.target}`,
      body: JSON.stringify(change.body),
      idempotencyKey: change.key,
    })
    const { code } = answer.body as { code?: string }
    if (!statusesAllowed.includes(answer.status))
      throw new Error(`${change.target} answered ${answer.status} ${JSON.stringify(answer.body)}`)
    if (code === 'request_in_progress') continue
    const { familyId, record } = client
    const transaction = answer.status < 300 ? (answer.body as Required<Answered>['transaction']) : undefined
    record.push({
      familyId,
      key: change.key,
      status: answer.status,
      ...(transaction && { transaction }),
    })
    return answer
  }
}

const submit = (client: RandomClient, body: object) =>
  send(client, { target: '/transactions', body, key: client.random.uuid() })

type Operation = (client: RandomClient, mine: string[]) => Promise<unknown>

/** Twice with one key at the same time; now and then the second says something else. */
const twice: Operation = async (client) => {
  const body = submission(client)
  const key = client.random.uuid()
  const other = client.random.chance(0.3) ? { ...body, description: 'another body' } : body
  const answers = await Promise.all(
    [body, other].map((sent) => send(client, { target: '/transactions', body: sent, key })),
  )
  const statuses = answers.map(({ status }) => status)
  if (other !== body && !statuses.includes(422)) throw new Error(`Two bodies, one key: ${statuses.join()}`)
  if (other === body && JSON.stringify(answers[0]!.body) !== JSON.stringify(answers[1]!.body)) {
    const told = answers.map((answer) => ({ ...(answer.body as object), request_id: '', trace_id: '' }))
    if (JSON.stringify(told[0]) !== JSON.stringify(told[1]))
      throw new Error(`A repeat was answered otherwise: ${JSON.stringify(told)}`)
  }
}

/** Each is wrong in one way and has to be refused. */
const wrong: Operation = async (client) => {
  const { random, foreign } = client
  const valid = submission(client)
  const body = random.pick([
    { ...valid, amount: '-5' },
    { ...valid, amount: '1e3' },
    { ...valid, amount: '1.2345' },
    { ...valid, amount: 5 },
    { ...valid, currency: 'XXX' },
    { ...valid, currency: valid['currency'] === 'EUR' ? 'USD' : 'EUR', amount: '1' },
    { ...valid, status: 'posted' },
    { ...valid, account_id: random.pick(foreign).id },
    { ...valid, account_id: random.uuid() },
    { ...valid, type: 'transfer', to_account_id: random.pick(foreign).id },
    { ...valid, type: 'expense', to_account_id: undefined, amount: '999999999999' },
  ])
  const { status } = await submit(client, body)
  if (status < 400) throw new Error(`Was not refused: ${JSON.stringify(body)}`)
}

const dryRun: Operation = (client) =>
  send(client, {
    target: '/transactions?dry_run=true',
    body: submission(client),
    key: client.random.uuid(),
  })

const reverse: Operation = async (client, mine) => {
  if (mine.length === 0) return
  const target = `/transactions/${client.random.pick(mine)}/reverse`
  await send(client, { target, body: { reason: 'a mistake' }, key: client.random.uuid() })
}

/** Acts on one of those that wait in the family, or on something of one's own that may not wait. */
const resolve =
  (how: 'approve' | 'reject' | 'cancel'): Operation =>
  async (client, mine) => {
    const target = '/api/v1/transactions?status=pending_approval&limit=20'
    const page = await client.random.pick(client.replicas).send({ method: 'GET', target })
    if (page.status !== 200) throw new Error(`The list of what waits answered ${page.status}`)
    const waiting = (page.body as { items: { id: string }[] }).items.map(({ id }) => id)
    const place = client.random.below(20) // drawn whatever there is, so that the stream goes on the same
    const id = waiting[place % Math.max(waiting.length, 1)] ?? mine[place % Math.max(mine.length, 1)]
    if (id === undefined) return
    const body = how === 'reject' ? { reason: 'not now' } : {}
    await send(client, { target: `/transactions/${id}/${how}`, body, key: client.random.uuid() })
  }

const isResolver = ({ role }: RandomClient) => role === 'owner' || role === 'adult'

/** What a client does next, of a hundred. */
function chooseOperation(client: RandomClient): Operation | undefined {
  const place = client.random.below(100)
  if (place < 5) return reverse
  if (place < 10) return twice
  if (place < 15) return wrong
  if (place < 20) return dryRun
  if (place < 32) return isResolver(client) ? resolve('approve') : undefined
  if (place < 36) return resolve('reject')
  if (place < 40) return resolve('cancel')
  return undefined
}

/** One client does `count` operations, one after the other. */
export async function runClient(client: RandomClient, count: number): Promise<void> {
  const mine: string[] = []
  for (let n = 0; n < count; n++) {
    const operation = chooseOperation(client)
    if (operation) {
      await operation(client, mine)
      continue
    }
    const { status, body } = await submit(client, submission(client))
    if (status === 201) mine.push((body as { id: string }).id)
  }
}
