import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { createClient } from '../../libs/client/src/index.ts'
import { allRoutes, type AuditEvent, type RouteId } from '../../libs/contracts/src/index.ts'
import { eventually } from '../support/eventually.ts'
import { givenAccount, givenFamily } from '../support/given.ts'
import { type House, startHouse } from '../support/house.ts'
import type { Driven, Leaf } from './changes/driver.ts'
import { drivers } from './changes/drivers.ts'

let house: House
beforeAll(async () => {
  const unlimited = '1000000/1'
  house = await startHouse({
    services: ['auth', 'ledger', 'audit', 'gateway'],
    env: { RATE_LIMIT_ADDRESS: unlimited, RATE_LIMIT_SIGN_UP: unlimited, RATE_LIMIT_BIND: unlimited },
  })
}, 60_000)
afterAll(() => house.stop())

/** Reads of the trail that are put on record themselves. */
const recordedReads: readonly RouteId[] = ['verifyAudit', 'exportAudit']
const changing = allRoutes.filter(({ method, id }) => method !== 'GET' || recordedReads.includes(id))

/** What the trail says of one request, oldest first. */
const entriesOf = async ({ reader, requestId }: Driven): Promise<AuditEvent[]> => {
  const credentials = { accessToken: reader.access_token }
  const { items } = await createClient({ baseUrl: house.urls.gateway }).call('listAuditEvents', {
    query: { limit: '100' },
    credentials,
  })
  return items.filter((entry) => entry.request_id === requestId).toReversed()
}

const hex = (digits: number): unknown => expect.stringMatching(new RegExp(`^[0-9a-f]{${digits}}$`))

/** What every entry says beyond what is special to its change. */
const expected = ({ by, requestId }: Driven, leaf: Leaf) => ({
  ...by,
  reason: null,
  ip: '127.0.0.1',
  request_id: requestId,
  trace_id: hex(32),
  hash: hex(64),
  ...leaf,
})

test('every route that changes something is driven', () => {
  expect(Object.keys(drivers).toSorted()).toEqual(changing.map(({ id }) => id).toSorted())
})

describe.each(changing.map((route) => ({ name: `${route.method} ${route.path}`, route })))(
  '$name',
  ({ route }) => {
    test('leaves its entries', async () => {
      const driven = await drivers[route.id]!(house)
      const entries = await eventually(
        () => entriesOf(driven),
        (found) => found.length >= driven.leaves.length,
      )
      expect(entries).toMatchObject(driven.leaves.map((leaf) => expected(driven, leaf)))
    })
  },
)

test('what changes nothing leaves nothing', async () => {
  const { owner } = await givenFamily(house)
  const wallet = await givenAccount(owner, { opening_balance: '1.00' })
  const client = createClient({ baseUrl: house.urls.gateway })
  const credentials = { accessToken: owner.session.access_token, signingKey: owner.session.signing_key }
  const spending = (amount: string) =>
    JSON.stringify({ type: 'expense', account_id: wallet.id, amount, currency: 'EUR' })
  const calls = [
    [200, '/api/v1/transactions?dry_run=true', spending('1.00')],
    [409, '/api/v1/transactions', spending('5.00')],
    [400, '/api/v1/accounts', '{}'],
    [401, '/api/v1/auth/login', JSON.stringify({ email: owner.email, password: 'not the right one' })],
  ] as const
  const answers = []
  for (const [, target, body] of calls)
    answers.push(
      await client.send({ method: 'POST', target, body, idempotencyKey: randomUUID(), credentials }),
    )
  // One more change of each service: whatever the calls before had left would be in the trail when this is.
  await owner.auth.call('updateMe', { body: { display_name: 'Later' } })
  const later = await owner.ledger.call('createCategory', { body: { name: 'Later' } })
  const { items } = await eventually(
    () => owner.audit.call('listAuditEvents', { query: { limit: '100' } }),
    (page) =>
      page.items.some(({ entity_id }) => entity_id === later.id) &&
      page.items.some(({ action }) => action === 'user.updated'),
  )
  expect(answers.map(({ status }) => status)).toEqual(calls.map(([status]) => status))
  const refusals = answers.map(({ headers }) => headers.get('x-request-id'))
  expect(items.filter(({ request_id }) => refusals.includes(request_id))).toEqual([])
})
