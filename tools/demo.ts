import { randomBytes, randomUUID } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ApiError, createClient } from '../libs/client/src/index.ts'
import type { Session } from '../libs/contracts/src/index.ts'

/** Somebody of the demo family, with what they sign in with. */
export interface DemoPerson {
  name: string
  email: string
  password: string
}

/** The family a newcomer finds: Ann owns it, Ben is a member whose large spendings wait for her. */
export interface DemoFamily {
  ann: DemoPerson
  ben: DemoPerson
}

const demoFile = (dataDir: string) => join(dataDir, 'demo.json')

/** The demo family of this data folder, or undefined when there is none. */
export function readDemoFamily(dataDir: string): DemoFamily | undefined {
  const file = demoFile(dataDir)
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as DemoFamily) : undefined
}

/** Makes the demo family through the API on the first start; later starts find it again. */
export async function createDemoFamily(options: { url: string; dataDir: string }): Promise<DemoFamily> {
  const known = readDemoFamily(options.dataDir)
  if (known) return known
  const { family, session } = await registerAnn(options.url, '').catch((error: unknown) => {
    // The database outlived the data folder: a second demo family beside the first.
    if (error instanceof ApiError && error.problem.code === 'email_taken')
      return registerAnn(options.url, `.${randomBytes(3).toString('hex')}`)
    throw error
  })
  await tellStory(options.url, family, session)
  writeFileSync(demoFile(options.dataDir), `${JSON.stringify(family, null, 2)}\n`, { mode: 0o600 })
  return family
}

const newPerson = (name: string, suffix: string): DemoPerson => ({
  name,
  email: `${name.toLowerCase()}${suffix}@purse.example`,
  password: randomBytes(12).toString('base64url'),
})

async function registerAnn(url: string, suffix: string): Promise<{ family: DemoFamily; session: Session }> {
  const family = { ann: newPerson('Ann', suffix), ben: newPerson('Ben', suffix) }
  const session = await createClient({ baseUrl: url }).call('register', {
    body: { ...credentials(family.ann), display_name: 'Ann', family_name: 'The Demos' },
  })
  return { family, session }
}

const credentials = ({ email, password }: DemoPerson) => ({ email, password })

const clientOf = (baseUrl: string, session: Session) =>
  createClient({
    baseUrl,
    credentials: () => ({ accessToken: session.access_token, signingKey: session.signing_key }),
  })

/** Some weeks of a family's money: accounts, spendings, one that waits. */
async function tellStory(url: string, family: DemoFamily, annsSession: Session): Promise<void> {
  const ann = clientOf(url, annsSession)
  const { token } = await ann.call('createInvitation', {
    params: { id: annsSession.family.id },
    body: { role: 'member' },
  })
  const bensSession = await createClient({ baseUrl: url }).call('register', {
    body: { ...credentials(family.ben), display_name: 'Ben', invitation_token: token },
  })
  const ben = clientOf(url, bensSession)
  const open = (name: string, kind: 'cash' | 'bank' | 'savings', opening_balance: string) =>
    ann.call('openAccount', { body: { name, kind, currency: 'EUR', opening_balance } })
  const wallet = await open('Wallet', 'cash', '120.00')
  const household = await open('Household', 'bank', '1850.00')
  const savings = await open('Savings', 'savings', '4000.00')

  const enter = (who: typeof ann, body: Parameters<typeof entry>[0]) =>
    who.call('submitTransaction', { body: entry(body), idempotencyKey: randomUUID() })
  await enter(ann, { type: 'income', account_id: household.id, amount: '2400.00', description: 'Salary' })
  await enter(ann, { account_id: household.id, amount: '86.40', description: 'Groceries' })
  await enter(ann, {
    type: 'transfer',
    account_id: household.id,
    to_account_id: savings.id,
    amount: '300.00',
  })
  await enter(ben, { account_id: wallet.id, amount: '12.50', description: 'Coffee and cake' })
  await enter(ben, { account_id: household.id, amount: '250.00', description: 'Bike' })
}

interface Entry {
  type?: 'expense' | 'income' | 'transfer'
  account_id: string
  to_account_id?: string
  amount: string
  description?: string
}

const entry = (body: Entry) => ({ type: 'expense' as const, currency: 'EUR', ...body })
