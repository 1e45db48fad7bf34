import assert from 'node:assert/strict'
import { randomBytes, randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { type ApiClient, ApiError, createClient } from '../../libs/client/src/index.ts'
import type { Session } from '../../libs/contracts/src/index.ts'

const SOON_MS = 20_000

/** Plays it through the public API alone; throws at the first step that is not as it should be. */
export async function playStory(url: string, say: (step: string) => void): Promise<void> {
  await lookAtPages(url)
  say('the gateway is healthy, and shows the pages and the document of the API')
  const { ann, ben } = await register(url)
  say('Ann has a family, and Ben joined it by invitation')
  const reversal = await spend(ann.api, ben)
  say('Ben spends: a little posts, a lot waits, Ann alone can approve it, and it is reversed')
  await readTrail(ann.api, reversal)
  say('the trail tells it, and is intact')
  await refusesStrangers(url)
  say('nobody else gets in')
}

async function lookAtPages(url: string): Promise<void> {
  const pages = { '/health': 'json', '/': 'html', '/docs': 'html', '/redoc': 'html', '/openapi.json': 'json' }
  for (const [path, type] of Object.entries(pages)) {
    const answer = await fetch(url + path, { signal: AbortSignal.timeout(10_000) })
    const text = await answer.text()
    assert.equal(answer.status, 200, `${path} answers ${answer.status}: ${text.slice(0, 200)}`)
    assert.match(answer.headers.get('content-type') ?? '', new RegExp(type), `${path} is ${type}`)
  }
}

interface Person {
  id: string
  api: ApiClient
}

async function register(url: string): Promise<{ ann: Person; ben: Person }> {
  const visitor = createClient({ baseUrl: url })
  const credentials = (name: string) => ({
    email: `${name}-${randomUUID()}@purse.example`,
    password: randomBytes(18).toString('base64url'),
    display_name: name,
  })
  const owner = await visitor.call('register', {
    body: { ...credentials('Ann'), family_name: 'The Story' },
  })
  const ann = personOf(url, owner)
  const { token } = await ann.api.call('createInvitation', {
    params: { id: owner.family.id },
    body: { role: 'member' },
  })
  const member = await visitor.call('register', { body: { ...credentials('Ben'), invitation_token: token } })
  return { ann, ben: personOf(url, member) }
}

const personOf = (baseUrl: string, { user, access_token, signing_key }: Session): Person => ({
  id: user.id,
  api: createClient({
    baseUrl,
    credentials: () => ({ accessToken: access_token, signingKey: signing_key }),
  }),
})

/** Answers the id of the reversal. */
async function spend(ann: ApiClient, ben: Person): Promise<string> {
  const account = await ann.call('openAccount', {
    body: { name: 'Household', kind: 'bank', currency: 'EUR', opening_balance: '500.00' },
  })
  const enter = (amount: string, idempotencyKey = randomUUID()) =>
    ben.api.call('submitTransaction', {
      body: { type: 'expense', account_id: account.id, amount, currency: 'EUR', description: 'story' },
      idempotencyKey,
    })
  const key = randomUUID()
  // The ledger hears of new members from the bus.
  const coffee = await soon(
    () => enter('2.50', key),
    ({ status }) => status === 'posted',
  )
  assert.equal((await enter('2.50', key)).id, coffee.id, 'a repeated request is answered as the first')
  const bike = await enter('250.00')
  assert.equal(bike.status, 'pending_approval')
  const params = { id: bike.id! }
  await refused(ben.api.call('approveTransaction', { params, body: {} }), 'permission_denied')
  const approved = await ann.call('approveTransaction', { params, body: {} })
  assert.equal(approved.status, 'posted')
  const reversal = await ann.call('reverseTransaction', { params, body: { reason: 'the wrong size' } })
  assert.equal(reversal.reverses, bike.id)
  const balance = await ann.call('getBalance', { params: { id: account.id } })
  assert.equal(balance.posted, '497.50', 'nothing is lost and nothing doubled')
  return reversal.id!
}

async function readTrail(ann: ApiClient, reversalId: string): Promise<void> {
  const { items } = await soon(
    () => ann.call('listAuditEvents', { query: { limit: '100' } }),
    (events) => events.items.some(({ entity_id }) => entity_id === reversalId),
  )
  const actions = new Set(items.map(({ action }) => action))
  for (const action of ['member.joined', 'account.created', 'transaction.approved', 'transaction.reversed'])
    assert.ok(actions.has(action as never), `the trail tells ${action}`)
  const { intact, first_broken_seq } = await ann.call('verifyAudit')
  assert.ok(intact, `the trail is broken at ${first_broken_seq}`)
}

async function refusesStrangers(url: string): Promise<void> {
  await refused(createClient({ baseUrl: url }).call('listAccounts'), 'unauthenticated')
}

async function refused(call: Promise<unknown>, code: string): Promise<void> {
  const outcome = await call.then(
    () => 'answered',
    (error: unknown) => (error instanceof ApiError ? error.problem.code : (error as Error).message),
  )
  assert.equal(outcome, code)
}

/** Asks again until it is so; what is refused meanwhile is asked again too. */
async function soon<T>(ask: () => Promise<T>, isSo: (answer: T) => boolean): Promise<T> {
  const until = performance.now() + SOON_MS
  for (;;) {
    const isLast = performance.now() > until
    const answer = await ask().catch((error: unknown) => {
      if (isLast || !(error instanceof ApiError)) throw error
      return undefined
    })
    if (answer !== undefined && isSo(answer)) return answer
    if (isLast) throw new Error(`Not as expected after ${SOON_MS / 1000} s: ${JSON.stringify(answer)}`)
    await sleep(200)
  }
}
