import { submission } from '../invariants/random-client.ts'
import { askOnce, type FaultClient, type FinalAnswer, untilAnswered } from './client.ts'

type Operation = (client: FaultClient, mine: string[]) => Promise<unknown>

const base = '/api/v1'

/** Asks for something that would move money, and keeps what was finally answered. */
async function change(
  client: FaultClient,
  target: string,
  body: object,
  key = client.random.uuid(),
): Promise<FinalAnswer> {
  const request = { method: 'POST', target: base + target, body: JSON.stringify(body), idempotencyKey: key }
  const answer = await untilAnswered(client, request as { method: 'POST' } & typeof request)
  const transaction =
    answer.status === 201 ? { transaction: answer.body as { id: string } as never } : undefined
  client.seen.answered.push({ familyId: client.familyId, key, status: answer.status, ...transaction })
  return answer
}

const read = (client: FaultClient, target: string) =>
  untilAnswered(client, { method: 'GET', target: base + target, body: '' })

const submit: Operation = async (client, mine) => {
  const { status, body } = await change(client, '/transactions', submission(client))
  if (status === 201) mine.push((body as { id: string }).id)
}

/** At the same time with one key: both are told the same. */
const twice: Operation = async (client) => {
  const body = submission(client)
  const key = client.random.uuid()
  const answers = await Promise.all([1, 2].map(() => change(client, '/transactions', body, key)))
  const told = answers.map((answer) => `${answer.status} ${(answer.body as { id?: string }).id ?? ''}`)
  if (told[0] !== told[1]) client.seen.wrong.push(`One key was answered ${told.join(' and ')}`)
}

const reverse: Operation = (client, mine) =>
  change(client, `/transactions/${client.random.pick(mine)}/reverse`, { reason: 'a mistake' })

/** Acts on what waits for somebody else than its author. */
const resolve: Operation = async (client) => {
  const { body } = await read(client, '/transactions?status=pending_approval&limit=20')
  const { items } = body as { items: { id: string; created_by: string }[] }
  const others = items.filter(({ created_by }) => created_by !== client.userId)
  if (others.length === 0) return
  const { id } = client.random.pick(others)
  const [action, sent] = client.random.chance(0.7) ? ['approve', {}] : ['reject', { reason: 'not now' }]
  await untilAnswered(client, {
    method: 'POST',
    target: `${base}/transactions/${id}/${action}`,
    body: JSON.stringify(sent),
    idempotencyKey: client.random.uuid(),
  })
}

const look: Operation = (client) =>
  read(client, client.random.pick(['/accounts', '/auth/me', '/audit/head', '/transactions?limit=5']))

/** Writes to the auth service, so that it has events under way too. */
const rename: Operation = (client) =>
  untilAnswered(client, {
    method: 'PATCH',
    target: `${base}/auth/me`,
    body: JSON.stringify({ display_name: `Name ${client.random.below(1_000)}` }),
    idempotencyKey: client.random.uuid(),
  })

/**
 * The family looks whether its trail is intact, at any moment. Asked once: without the bus, which has the anchors, the
 * answer is 503, and who waited for another one would spend nothing meanwhile.
 */
const verify: Operation = async (client) => {
  const answer = await askOnce(client, { method: 'GET', target: `${base}/audit/verify`, body: '' })
  const { intact } = (answer?.body ?? {}) as { intact?: boolean }
  if (answer?.status === 200 && intact !== true)
    client.seen.wrong.push(`The trail was told broken: ${JSON.stringify(answer.body)}`)
}

/** What a client does beside plain transfers: up to which place of a hundred, and what. */
const others: readonly [number, Operation][] = [
  [14, resolve],
  [20, look],
  [23, rename],
  [24, verify],
  [28, reverse],
  [32, twice],
]

const mayResolve = ({ role }: FaultClient) => role === 'owner' || role === 'adult'

function chooseOperation(client: FaultClient, mine: string[]): Operation {
  const place = client.random.below(100)
  const chosen = others.find(([upTo]) => place < upTo)?.[1] ?? submit
  if (chosen === resolve && !mayResolve(client)) return look
  if (chosen === reverse && (client.role === 'child' || mine.length === 0)) return submit
  return chosen
}

const isTransfer = (operation: Operation) => [submit, twice, reverse].includes(operation)

/** One client works until `take` has no transfer left to give. */
export async function runClient(client: FaultClient, take: () => Promise<boolean>): Promise<void> {
  const mine: string[] = []
  for (;;) {
    const operation = chooseOperation(client, mine)
    if (isTransfer(operation) && !(await take())) break
    await operation(client, mine)
  }
  await Promise.all(client.copies)
}
