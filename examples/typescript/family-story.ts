import { randomBytes, randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { createPurseClient, type PurseClient, PurseError, type Session } from './purse-client.ts'
import { verifyTrail } from './verify-trail.ts'

/** A family's story against a system that runs: `node examples/typescript/family-story.ts`. See README.md beside it. */

const origin = process.env['PURSE_URL'] ?? 'http://127.0.0.1:8000'
/** The owner that is registered. Give both, and you can sign in as her afterwards and look at what the program left. */
const email = process.env['EMAIL'] ?? `ann-${randomUUID()}@example.org`
const password = process.env['PASSWORD'] ?? randomBytes(18).toString('base64url')

interface Account {
  id: string
  balance: { posted: string; pending: string; available: string }
}
interface Transaction {
  id: string
  type: string
  status: string
  amount: string
  approval: { can_approve: { id: string; display_name: string }[] } | null
  reverses: string | null
}
interface Page<Item> {
  items: Item[]
  next_cursor: string | null
}

// Anybody may register and sign in: these calls have no session yet, so nothing to sign with.
const visitor = createPurseClient(origin)
await visitor.call('POST', '/api/v1/auth/register', {
  body: { email, password, display_name: 'Ann', family_name: 'The Examples' },
})
const signedIn = await visitor.call<Session>('POST', '/api/v1/auth/login', { body: { email, password } })
// Her clock is ten minutes behind. The server refuses the signature, says its own time, and the client signs anew by it.
const ann = createPurseClient(origin, signedIn.body, () => Date.now() - 600_000)
console.log(`signed in: Ann is ${signedIn.body.family.role} of ${signedIn.body.family.name}`)

// An access token lives 15 minutes. Each refresh token is good for one exchange: keep what it answers, forget what you sent.
const refreshed = await visitor.call<Session>('POST', '/api/v1/auth/token/refresh', {
  body: { refresh_token: signedIn.body.refresh_token },
})
ann.use(refreshed.body)
console.log('refreshed: the session goes on with new tokens')

const ben = await inviteBen(ann, refreshed.body.family.id)
console.log('joined: Ben, a member, by an invitation')

const account = (
  await ann.call<Account>('POST', '/api/v1/accounts', {
    body: { name: 'Household', kind: 'bank', currency: 'EUR', opening_balance: '500.00' },
  })
).body
console.log("opened: Household with 500.00 EUR, although Ann's clock is ten minutes behind")

// Up to 100 EUR a member spends alone. The answer got lost? The same key again, signed anew, is the same spending.
const key = randomUUID()
const ice = await spend(ben, '2.50', 'ice cream', key)
const again = await spend(ben, '2.50', 'ice cream', key)
if (again.body.id !== ice.body.id || !again.replayed) throw new Error('It was spent twice')
console.log(`spent: 2.50 ${ice.body.status}; repeated with the same key: the same transaction`)

const bike = (await spend(ben, '250.00', 'bike')).body
const names = bike.approval?.can_approve.map(({ display_name }) => display_name).join(', ')
console.log(`waits: 250.00 ${bike.status}; ${names} can approve`)

try {
  await ben.call('POST', `/api/v1/transactions/${bike.id}/approve`, { body: {} })
} catch (error) {
  if (!(error instanceof PurseError)) throw error
  console.log(`refused: Ben approving it himself, ${error.problem.status} ${error.problem.code}`)
}
const approved = await ann.call<Transaction>('POST', `/api/v1/transactions/${bike.id}/approve`, {
  body: { comment: 'ride safely' },
})
console.log(`approved: by Ann, ${approved.body.status}`)

const reversal = await ann.call<Transaction>('POST', `/api/v1/transactions/${bike.id}/reverse`, {
  body: { reason: 'the wrong size' },
})
console.log(`reversed: by a transaction of its own, ${reversal.body.status}; nothing is erased`)

// Lists come in pages: ask with the cursor until there is none.
const found: Transaction[] = []
let next: string | null = ''
while (next !== null) {
  const cursor: string = next === '' ? '' : `&cursor=${encodeURIComponent(next)}`
  const target = `/api/v1/transactions?account_id=${account.id}&limit=1${cursor}`
  const page: Page<Transaction> = (await ann.call<Page<Transaction>>('GET', target)).body
  found.push(...page.items)
  next = page.next_cursor
}
const spent = found
  .filter(({ status, reverses }) => status === 'posted' && reverses === null)
  .reduce((sum, { amount }) => sum + inCents(amount), 0n)
const { balance } = (await ann.call<Account>('GET', `/api/v1/accounts/${account.id}`)).body
if (inCents('500.00') - spent !== inCents(balance.posted)) throw new Error('The list is not the balance')
console.log(`listed: ${found.length} transactions, a page each; what is left is ${balance.posted} EUR`)

// Events arrive within a second or so. The export is lines of JSON, and is checked here, without the system.
const trail = await exportWith('transaction.reversed')
const head = verifyTrail(trail)
console.log(`verified: ${head.seq} entries of the trail, each chained to the one before`)
try {
  verifyTrail(trail.replace('"ice cream"', '"ice crime"'))
  throw new Error('A forged trail was not found out')
} catch (error) {
  console.log(`forged: ${(error as Error).message}`)
}

await ann.call('POST', '/api/v1/auth/logout', { body: { scope: 'local' } })
console.log('signed out')

function spend(who: PurseClient, amount: string, description: string, idempotencyKey: string = randomUUID()) {
  const body = { type: 'expense', account_id: account.id, amount, currency: 'EUR', description }
  return who.call<Transaction>('POST', '/api/v1/transactions', { body, idempotencyKey })
}

async function inviteBen(owner: PurseClient, familyId: string): Promise<PurseClient> {
  const invited = await owner.call<{ token: string }>('POST', `/api/v1/families/${familyId}/invitations`, {
    body: { role: 'member' },
  })
  const joined = await visitor.call<Session>('POST', '/api/v1/auth/register', {
    body: {
      email: `ben-${randomUUID()}@example.org`,
      password: randomBytes(18).toString('base64url'),
      display_name: 'Ben',
      invitation_token: invited.body.token,
    },
  })
  return createPurseClient(origin, joined.body)
}

/** Whole cents, exactly. Money is never a floating-point number: 0.1 + 0.2 is not 0.3 there. */
function inCents(amount: string): bigint {
  return BigInt(amount.replace('.', ''))
}

async function exportWith(action: string): Promise<string> {
  for (let tries = 1; tries <= 50; tries += 1) {
    const { body } = await ann.call<string>('GET', '/api/v1/audit/export')
    if (body.includes(`"action":"${action}"`)) return body
    await sleep(200)
  }
  throw new Error(`${action} did not come to the trail`)
}
