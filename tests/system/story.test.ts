import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { createClient } from '../../libs/client/src/index.ts'
import type { AuditEvent } from '../../libs/contracts/src/index.ts'
import { eventually } from '../support/eventually.ts'
import { givenAccount, givenFamily } from '../support/given.ts'
import { type House, startHouse } from '../support/house.ts'
import { refused } from '../support/refused.ts'

let house: House
beforeAll(async () => {
  house = await startHouse({ services: ['auth', 'ledger', 'audit', 'gateway'] })
}, 60_000)
afterAll(() => house.stop())

describe('the story of a family, over HTTP through the gateway', () => {
  test('a large spending waits, is approved, is reversed, and the trail tells all of it', async () => {
    const { id, owner, people } = await givenFamily(house, ['member'])
    const ben = people['member']!
    const wallet = await givenAccount(owner, { opening_balance: '500.00' })

    const coffee = await ben.ledger.call('submitTransaction', {
      body: {
        type: 'expense',
        account_id: wallet.id,
        amount: '2.50',
        currency: 'EUR',
        description: 'coffee',
      },
    })
    expect(coffee.status).toBe('posted')

    const bike = await ben.ledger.call('submitTransaction', {
      body: {
        type: 'expense',
        account_id: wallet.id,
        amount: '250.00',
        currency: 'EUR',
        description: 'bike',
      },
    })
    expect(bike).toMatchObject({ status: 'pending_approval', balances_after: [{ available: '247.50' }] })
    // The ledger hears of members from the bus; soon after they joined it knows who may approve.
    const params = { id: bike.id! }
    await eventually(
      () => ben.ledger.call('getTransaction', { params }),
      ({ approval }) => approval?.can_approve.map((person) => person.id).join() === owner.userId,
    )
    await refused(ben.ledger.call('approveTransaction', { params, body: {} }), 'permission_denied')
    expect(await owner.ledger.call('approveTransaction', { params, body: {} })).toMatchObject({
      status: 'posted',
    })

    const reversal = await owner.ledger.call('reverseTransaction', {
      params,
      body: { reason: 'the wrong size' },
    })
    expect(reversal).toMatchObject({ reverses: bike.id, balances_after: [{ posted: '497.50' }] })

    const events = await eventually(
      () => owner.audit.call('listAuditEvents', { query: { limit: '100' } }),
      ({ items }) => items.some((entry) => entry.entity_id === reversal.id),
    )
    const told = (entityId: string | null) =>
      events.items
        .filter((entry) => entry.entity_id === entityId)
        .map(({ action }) => action)
        .toReversed()
    expect(told(coffee.id)).toEqual(['transaction.posted'])
    expect(told(bike.id)).toEqual([
      'transaction.submitted',
      'transaction.approved',
      'transaction.posted',
      'transaction.reversed',
    ])
    expect(told(reversal.id)).toEqual(['transaction.posted'])
    expect(told(wallet.id)).toEqual(['account.created'])
    expect(events.items.map(({ action }) => action)).toEqual(
      expect.arrayContaining([
        'user.registered',
        'family.created',
        'member.joined',
        'member.invited',
        'session.started',
      ]),
    )
    expectWellFormed(events.items)
    const reversed = events.items.find(({ action }) => action === 'transaction.reversed')
    expect(reversed).toMatchObject({
      actor_id: owner.userId,
      session_id: owner.session.session_id,
      client: 'api',
      reason: 'the wrong size',
      old_values: { status: 'posted' },
      new_values: { status: 'reversed', reversed_by: reversal.id },
    })
    expect(reversed!.ip).toBe('127.0.0.1')
    expect(reversed!.trace_id).toMatch(/^[0-9a-f]{32}$/)

    const verified = await owner.audit.call('verifyAudit')
    expect(verified).toMatchObject({ intact: true, first_broken_seq: null })
    expect(verified.head.seq).toBe(verified.entries)

    const access = await eventually(
      () => owner.audit.call('listAccessLines', { query: { limit: '100' } }),
      ({ items }) => items.some(({ route }) => route === '/api/v1/transactions/{id}/reverse'),
    )
    expect(access.items.filter(({ route }) => route === '/api/v1/transactions/{id}/approve')).toHaveLength(2)
    expect(access.items.find(({ status }) => status === 403)).toMatchObject({
      code: 'permission_denied',
      user_id: ben.userId,
      method: 'POST',
    })
    expect(JSON.stringify(access)).not.toContain(id)
  })

  test('the trail and the money of another family are never shown', async () => {
    const [mine, theirs] = [await givenFamily(house), await givenFamily(house)]
    const wallet = await givenAccount(mine.owner)
    const seen = await eventually(
      () => mine.owner.audit.call('listAuditEvents'),
      ({ items }) => items.some((entry) => entry.entity_id === wallet.id),
    )
    const entry = seen.items.find(({ entity_id }) => entity_id === wallet.id)!
    await refused(theirs.owner.audit.call('getAuditEvent', { params: { id: entry.id } }), 'not_found')
    await refused(theirs.owner.ledger.call('getAccount', { params: { id: wallet.id } }), 'not_found')
    const others = await theirs.owner.audit.call('listAuditEvents', { query: { limit: '100' } })
    expect(JSON.stringify(others)).not.toContain(mine.id)
  })

  test('a refusal on the way leaves nothing: unsigned, replayed, re-addressed, without a key', async () => {
    const { owner } = await givenFamily(house)
    const wallet = await givenAccount(owner)
    const body = JSON.stringify({ type: 'expense', account_id: wallet.id, amount: '5.00', currency: 'EUR' })
    const request = { method: 'POST', target: '/api/v1/transactions', body, idempotencyKey: randomUUID() }
    const unsigned = createClient({ baseUrl: house.urls.gateway })
    const bare = { accessToken: owner.session.access_token }
    expect(await unsigned.send({ ...request, credentials: bare })).toMatchObject({
      status: 401,
      body: { code: 'signature_missing' },
    })
    const { idempotencyKey: _, ...withoutKey } = request
    const answer = await owner.ledger.send(withoutKey)
    expect([400, 401]).toContain(answer.status)
    expect((await owner.ledger.call('listTransactions')).items).toEqual([])
    expect(await owner.ledger.call('getBalance', { params: { id: wallet.id } })).toMatchObject({
      posted: '1000.00',
    })
  })

  test('signing out ends the access token at the gateway, not only the session', async () => {
    const { owner } = await givenFamily(house)
    expect(await owner.auth.call('getMe')).toMatchObject({ session_id: owner.session.session_id })
    await owner.auth.call('logout', { body: {} })
    const codeOf = () =>
      owner.auth
        .send({ method: 'GET', target: '/api/v1/auth/me' })
        .then(({ body }) => (body as { code?: string }).code)
    await eventually(codeOf, (code) => code === 'token_revoked', 10_000)
  })

  test('/health tells of every service, and the API describes itself', async () => {
    const health = await fetch(`${house.urls.gateway}/health`)
    expect(health.status).toBe(200)
    expect(await health.json()).toMatchObject({
      status: 'ok',
      services: { auth: 'ok', ledger: 'ok', audit: 'ok' },
    })
    const document = (await (await fetch(`${house.urls.gateway}/openapi.json`)).json()) as { openapi: string }
    expect(document.openapi).toBe('3.1.0')
    for (const page of ['/docs', '/redoc']) {
      const answer = await fetch(house.urls.gateway + page)
      expect([page, answer.status, answer.headers.get('content-type')]).toEqual([
        page,
        200,
        expect.stringMatching(/html/),
      ])
    }
  })
})

/** The chain as anybody could check it from the API alone: newest first, each naming the one before. */
function expectWellFormed(newestFirst: AuditEvent[]): void {
  const chain = newestFirst.toReversed()
  expect(chain[0]).toMatchObject({ seq: 1, prev_hash: '0'.repeat(64) })
  chain.slice(1).forEach((entry, index) => {
    expect(entry.seq).toBe(chain[index]!.seq + 1)
    expect(entry.prev_hash).toBe(chain[index]!.hash)
  })
}
