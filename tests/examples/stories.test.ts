/** Runs each story of examples/ whole, and looks at what it left. */
import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { createClient } from '../../libs/client/src/index.ts'
import type { House } from '../support/house.ts'
import { runExample, startExampleHouse } from '../support/run-example.ts'

const folder = join(import.meta.dirname, '../../examples')
const stories: [string, [string, string]][] = [
  ['typescript', [process.execPath, join(folder, 'typescript/family-story.ts')]],
  ['python', ['python3', join(folder, 'python/family_story.py')]],
  ['curl-openssl', ['bash', join(folder, 'curl-openssl/family-story.sh')]],
]

let house: House
beforeAll(async () => {
  house = await startExampleHouse('audit')
}, 60_000)
afterAll(() => house?.stop())

async function expectStory([name, command]: (typeof stories)[number]): Promise<void> {
  const email = `ann-${randomUUID()}@example.org`
  const password = randomUUID()
  const { code, stdout, stderr } = await runExample(house, { email, password }, command)
  expect({ name, code, stderr }).toEqual({ name, code: 0, stderr: '' })
  expect(withoutCounts(stdout)).toEqual(withoutCounts(shownIn(`${name}/README.md`)))
  await expectLeft(email, password)
}

// One test, so that the services never load anything while jest is between two of them, which it forbids.
test('each story says what its page says, and leaves what it says', async () => {
  await Promise.all(stories.map(expectStory))
}, 120_000)

/** The output that the page shows, which is its last block of text. */
const shownIn = (page: string) =>
  [...readFileSync(join(folder, page), 'utf8').matchAll(/```text\n([\s\S]*?\n)```/g)].at(-1)![1]!

/** How many entries the trail has by then, and whether the ledger knows of Ann as of her money, depend on the moment. */
const withoutCounts = (output: string) =>
  output
    .replace(/verified: \d+ entries/, 'verified: N entries')
    .replace(/broken at entry \d+/, 'broken at entry N')
    .replace(/; (Ann)? can approve/, '; Ann can approve')

async function expectLeft(email: string, password: string): Promise<void> {
  const session = await createClient({ baseUrl: house.urls.gateway }).call('login', {
    body: { email, password },
  })
  const ann = createClient({
    baseUrl: house.urls.gateway,
    credentials: () => ({ accessToken: session.access_token, signingKey: session.signing_key }),
  })
  const { items: accounts } = await ann.call('listAccounts')
  expect(accounts).toMatchObject([{ name: 'Household', balance: { posted: '497.50', pending: '0.00' } }])
  const { items } = await ann.call('listTransactions', { query: { account_id: accounts[0]!.id } })
  const told = items.map(({ amount, status, description, reason }) => ({
    amount,
    status,
    description,
    reason,
  }))
  expect(told).toMatchObject([
    { amount: '250.00', status: 'posted', reason: 'the wrong size' },
    { amount: '250.00', status: 'reversed', description: 'bike' },
    { amount: '2.50', status: 'posted', description: 'ice cream' },
  ])
  expect(await ann.call('verifyAudit')).toMatchObject({ intact: true })
}
