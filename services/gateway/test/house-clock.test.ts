import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test } from '@jest/globals'
import { eventually } from '../../../tests/support/eventually.ts'
import { type GatewayHouse, newKey, startGatewayHouse } from './support/gateway-house.ts'

const closers: (() => Promise<void> | void)[] = []
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
})

/** An auth service that revoked nothing, and whose database's clock can be another one than ours. */
async function startAuthList(aheadMs: number) {
  const state = { aheadMs, asked: [] as string[] }
  const server = createServer((req, res) => {
    state.asked.push(req.url ?? '')
    const now = new Date(Date.now() + state.aheadMs).toISOString()
    res.setHeader('content-type', 'application/json')
    res.end(JSON.stringify({ items: [], until: now, now, next: null }))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  closers.push(() => (server.closeAllConnections(), void server.close()))
  return { state, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/revocations` }
}

/** Sends a change signed by a clock that is so far ahead of this machine's. */
async function change(house: GatewayHouse, aheadMs: number) {
  const at = Math.floor((Date.now() + aheadMs) / 1000)
  const person = await house.mint({ iat: at - 30, exp: at + 870 })
  const { status, json } = await house.send('/api/v1/transactions', {
    method: 'POST',
    body: '{"amount":"12.50"}',
    person,
    idempotencyKey: newKey(),
    now: Date.now() + aheadMs,
  })
  return { told: json.code ?? status, serverTime: json.server_time }
}

/** What a token of five minutes that was made by such a clock is good for. */
async function read(house: GatewayHouse, aheadMs: number) {
  const at = Math.floor((Date.now() + aheadMs) / 1000)
  const person = await house.mint({ iat: at - 30, exp: at + 300 })
  const { status, json } = await house.send('/api/v1/accounts', { person, key: false })
  return json.code ?? status
}

test.each([
  [-600_000, 'token_invalid'],
  [600_000, 'token_expired'],
])(
  'a gateway whose clock is %i ms from that of the house takes the tokens of the house',
  async (aheadMs, own) => {
    const auth = await startAuthList(aheadMs)
    const house = await startGatewayHouse({ REVOCATIONS_URL: auth.url })
    closers.push(house.stop)
    await eventually(
      () => read(house, aheadMs),
      (told) => told === 200,
    )
    expect(await read(house, 0)).toBe(own)
    expect(auth.state.asked[0]).toMatch(/\?last=960$/)
  },
)

test('it follows a clock of the house that is set', async () => {
  const auth = await startAuthList(0)
  const house = await startGatewayHouse({ REVOCATIONS_URL: auth.url })
  closers.push(house.stop)
  await becomes(house, 0, 200)
  auth.state.aheadMs = 300_000
  const refused = await becomes(house, 0, 'signature_expired')
  expect(Math.abs(Date.parse(refused.serverTime!) - Date.now() - 300_000)).toBeLessThan(30_000)
  await becomes(house, 300_000, 200)
})

/** What a change is answered in the end. */
const becomes = (house: GatewayHouse, aheadMs: number, wanted: string | number) =>
  eventually(
    () => change(house, aheadMs),
    ({ told }) => told === wanted,
  )
