import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import type { Transaction } from '../../libs/contracts/src/index.ts'
import { createClient } from '../../libs/client/src/index.ts'
import { eventually } from '../support/eventually.ts'
import { type GatewayBeside, startGatewayBeside } from '../support/gateway-beside.ts'
import { givenFamily, type Person } from '../support/given.ts'
import { attack, identityOf, type Seen, send } from './attacker.ts'
import { expectRefused, get, idOf, post, request, type Scene, settled, startScene } from './scene.ts'

let scene: Scene
let other: GatewayBeside
beforeAll(async () => {
  scene = await startScene({ REFRESH_GRACE_SECONDS: '60' })
  const income = { type: 'income' as const, account_id: scene.account.id, amount: '5000.00', currency: 'EUR' }
  await scene.people.owner.ledger.call('submitTransaction', { body: income })
  other = await startGatewayBeside(scene.house)
}, 120_000)
afterAll(async () => {
  await other.stop()
  await scene.stop()
})

const here = () => scene.house.urls.gateway
const answerOf = ({ status, code }: Seen) => `${status} ${code}`
const spend = (by: Person, amount: string): Promise<Transaction> =>
  by.ledger.call('submitTransaction', {
    body: { type: 'expense', account_id: scene.account.id, amount, currency: 'EUR' },
  })
/** Sends each at the same moment, by turns through both gateways, with an Idempotency-Key and a nonce of its own. */
const atOnce = (tries: readonly (readonly [Person, ReturnType<typeof post>])[]) =>
  Promise.all(tries.map(([by, what], index) => attack(index % 2 ? here() : other.url, idOf(by), what)))
const posted = async () =>
  (await scene.people.owner.ledger.call('getAccount', { params: { id: scene.account.id } })).balance.posted

describe('what waits', () => {
  test('is approved once of twenty at once, by two people through two gateways', async () => {
    const { owner, adult, member } = scene.people
    const { id } = await spend(member, '150.00')
    const before = await posted()
    const approve = post(`/transactions/${id}/approve`, {})
    const seen = await atOnce(
      Array.from({ length: 20 }, (_, index) => [index % 3 ? owner : adult, approve] as const),
    )
    const answers = seen.map(answerOf)
    expect(answers.filter((answer) => answer === '200 null')).toHaveLength(1)
    expect(answers.filter((answer) => answer !== '200 null')).toEqual(Array(19).fill('409 already_resolved'))
    expect(await posted()).toBe((Number(before) - 150).toFixed(2))
  })

  test('is not approved, and by nobody resolved twice, by who made it', async () => {
    const { adult, member, owner } = scene.people
    const own = await spend(adult, '1500.00')
    await expectRefused(scene, [
      {
        name: 'own',
        who: idOf(adult),
        what: post(`/transactions/${own.id}/approve`, {}),
        code: 'self_approval',
      },
      {
        name: 'member',
        who: idOf(member),
        what: post(`/transactions/${own.id}/approve`, {}),
        code: 'permission_denied',
      },
      {
        name: 'cancel by another',
        who: idOf(owner),
        what: post(`/transactions/${own.id}/cancel`, {}),
        code: ['permission_denied', 'not_found'],
      },
    ])
    await adult.ledger.call('cancelTransaction', { params: { id: own.id! }, body: {} })
    await expectRefused(
      scene,
      ['approve', 'reject', 'cancel', 'reverse'].map((verb) => ({
        name: verb,
        who: idOf(verb === 'cancel' ? adult : owner),
        what: post(
          `/transactions/${own.id}/${verb}`,
          verb === 'reject' || verb === 'reverse' ? { reason: 'x' } : {},
        ),
        code: verb === 'reverse' ? ('not_reversible' as const) : ('already_resolved' as const),
      })),
    )
  })

  test('is not approved by its author in another role, nor with the token of the old one', async () => {
    const { id, owner, people } = await givenFamily(scene.house, ['member', 'adult'])
    const member = people['member']!
    const account = await owner.ledger.call('openAccount', {
      body: { name: 'Ours', kind: 'cash', currency: 'EUR', opening_balance: '900.00' },
    })
    const waiting = await eventually(
      () =>
        member.ledger
          .call('submitTransaction', {
            body: { type: 'expense', account_id: account.id, amount: '300.00', currency: 'EUR' },
          })
          .catch(() => undefined),
      (made) => made !== undefined,
    )
    await owner.auth.call('updateMember', { params: { id, user_id: member.userId }, body: { role: 'adult' } })
    const old = () => attack(here(), idOf(member), get('/accounts'))
    await eventually(old, ({ code }) => code === 'token_revoked')
    const anew = await createClient({ baseUrl: here() }).call('refreshToken', {
      body: { refresh_token: member.session.refresh_token },
    })
    expect(anew.family.role).toBe('adult')
    const approve = post(`/transactions/${waiting!.id}/approve`, {})
    const seen = await eventually(
      () => attack(here(), identityOf(anew), approve),
      ({ code }) => code !== 'permission_denied', // until the ledger has heard of the new role
    )
    expect(answerOf(seen)).toBe('403 self_approval')
    expect(answerOf(await attack(here(), idOf(member), approve))).toBe('401 token_revoked')
  })

  test('is nothing that somebody who was removed may still touch, with no token they had', async () => {
    const { id, owner, people } = await givenFamily(scene.house, ['adult'])
    const adult = people['adult']!
    const account = await owner.ledger.call('openAccount', {
      body: { name: 'Ours', kind: 'cash', currency: 'EUR', opening_balance: '900.00' },
    })
    await owner.auth.call('removeMember', { params: { id, user_id: adult.userId } })
    await eventually(
      () => attack(here(), idOf(adult), get('/accounts')),
      ({ code }) => code === 'token_revoked',
    )
    await eventually(
      () => attack(other.url, idOf(adult), get('/accounts')),
      ({ code }) => code === 'token_revoked',
    )
    const who = idOf(adult)
    await expectRefused(
      scene,
      [
        get(`/accounts/${account.id}`),
        post('/transactions', { type: 'expense', account_id: account.id, amount: '1.00', currency: 'EUR' }),
        post('/accounts', { name: 'X', kind: 'cash', currency: 'EUR' }),
        get('/audit/events'),
        get(`/families/${id}/members`),
        post(`/families/${id}/invitations`, { role: 'owner' }),
        request('PATCH', `/families/${id}/members/${adult.userId}`, { role: 'owner' }),
      ].map((what) => ({ name: what.target, who, what, code: 'token_revoked' })),
    )
    const refreshed = await send(
      here(),
      post('/auth/token/refresh', { refresh_token: adult.session.refresh_token, family_id: id }),
    )
    expect(['401 refresh_token_invalid', '404 not_found']).toContain(answerOf(refreshed))
  })
})

describe('what is posted', () => {
  test('is reversed once of twenty at once, and the reversal never', async () => {
    const { owner, adult } = scene.people
    const { id } = await spend(owner, '7.00')
    const before = await posted()
    const reverse = post(`/transactions/${id}/reverse`, { reason: 'twice' })
    const seen = await atOnce(
      Array.from({ length: 20 }, (_, index) => [index % 3 ? owner : adult, reverse] as const),
    )
    const done = seen.filter(({ status }) => status === 201)
    expect(done).toHaveLength(1)
    expect(seen.filter(({ status }) => status !== 201).map(answerOf)).toEqual(
      Array(19).fill('409 already_reversed'),
    )
    expect(await posted()).toBe((Number(before) + 7).toFixed(2))
    const { id: reversal } = done[0]!.json as { id: string }
    await expectRefused(scene, [
      {
        name: 'the reversal',
        who: idOf(owner),
        what: post(`/transactions/${reversal}/reverse`, { reason: 'x' }),
        code: 'not_reversible',
      },
      { name: 'again', who: idOf(adult), what: reverse, code: 'already_reversed' },
      {
        name: 'approve it',
        who: idOf(adult),
        what: post(`/transactions/${reversal}/approve`, {}),
        code: 'already_resolved',
      },
    ])
  })
})

describe('a person in two families', () => {
  test('reaches with the token of one nothing of the other', async () => {
    const one = await givenFamily(scene.house)
    const { token } = await one.owner.auth.call('createInvitation', {
      params: { id: one.id },
      body: { role: 'child' },
    })
    const { owner } = scene.people
    await owner.auth.call('acceptInvitation', { body: { token } })
    const theirs = await one.owner.ledger.call('openAccount', {
      body: { name: 'Theirs', kind: 'cash', currency: 'EUR', opening_balance: '5.00' },
    })
    const who = idOf(owner)
    const code = 'not_found' as const
    await expectRefused(scene, [
      { name: 'account', who, what: get(`/accounts/${theirs.id}`), code },
      { name: 'balance', who, what: get(`/accounts/${theirs.id}/balance`), code },
      {
        name: 'spend',
        who,
        what: post('/transactions', {
          type: 'expense',
          account_id: theirs.id,
          amount: '1.00',
          currency: 'EUR',
        }),
        code: ['not_found', 'invalid_request'],
      },
      {
        name: 'transfer',
        who,
        what: post('/transactions', {
          type: 'transfer',
          account_id: theirs.id,
          to_account_id: scene.account.id,
          amount: '1.00',
          currency: 'EUR',
        }),
        code: ['not_found', 'invalid_request'],
      },
      // An owner at home is a child there.
      {
        name: 'rename',
        who,
        what: request('PATCH', `/families/${one.id}`, { name: 'Mine' }),
        code: 'permission_denied',
      },
      {
        name: 'promote',
        who,
        what: request('PATCH', `/families/${one.id}/members/${owner.userId}`, { role: 'owner' }),
        code: 'permission_denied',
      },
      {
        name: 'remove',
        who,
        what: request('DELETE', `/families/${one.id}/members/${one.owner.userId}`),
        code: 'permission_denied',
      },
    ])
  })
})

describe('a session', () => {
  test('is refreshed by thirty at once into one successor, and a stolen old token ends it for the thief as well', async () => {
    const { owner } = await givenFamily(scene.house)
    const refresh = (refresh_token: string) => send(here(), post('/auth/token/refresh', { refresh_token }))
    const first = owner.session.refresh_token
    const seen = await Promise.all(Array.from({ length: 30 }, () => refresh(first)))
    expect(new Set(seen.map(({ status }) => status))).toEqual(new Set([200]))
    const successors = new Set(seen.map(({ json }) => (json as { refresh_token: string }).refresh_token))
    expect(successors.size).toBe(1)
    // The time in which a lost answer may be asked for again is over once the database says so.
    await scene.sql.query(
      `UPDATE auth.refresh_tokens SET used_at = used_at - interval '61 seconds' WHERE session_id = $1 AND used_at IS NOT NULL`,
      [owner.session.session_id],
    )
    expect(answerOf(await refresh(first))).toBe('401 refresh_token_reused')
    expect(answerOf(await refresh([...successors][0]!))).toBe('401 refresh_token_invalid')
    for (const { json } of seen.slice(0, 3)) {
      const session = json as { access_token: string; signing_key: { key_id: string; secret: string } }
      await eventually(
        () => attack(other.url, identityOf(session), get('/auth/me')),
        ({ code }) => code === 'token_revoked',
      )
    }
    await settled(scene.sql)
  })

  test('has a key that signs for no other session, of the same person neither', async () => {
    const { owner } = scene.people
    const again = await createClient({ baseUrl: here() }).call('login', {
      body: { email: owner.email, password: owner.password },
    })
    const own = idOf(owner)
    const second = identityOf(again)
    const body = post('/accounts', { name: 'X', kind: 'cash', currency: 'EUR' })
    await expectRefused(scene, [
      {
        name: 'token of one, key of the other',
        who: { ...own, keyId: second.keyId, secret: second.secret },
        what: body,
        code: 'signature_invalid',
      },
      {
        name: 'id of one, secret of the other',
        who: { ...own, secret: second.secret },
        what: body,
        code: 'signature_invalid',
      },
      {
        name: 'another person’s key',
        who: {
          ...own,
          ...{ keyId: idOf(scene.people.child).keyId, secret: idOf(scene.people.child).secret },
        },
        what: body,
        code: 'signature_invalid',
      },
      {
        name: 'the bot’s key',
        who: { ...own, keyId: 'bot.v1', secret: scene.house.env['BOT_CLIENT_SECRET']! },
        what: body,
        code: 'signature_invalid',
      },
      { name: 'no secret', who: { ...own, secret: '' }, what: body, code: 'signature_invalid' },
    ])
  })
})

test('one Idempotency-Key opens nothing of another family, and no second body', async () => {
  const key = `shared-${Date.now()}-key`
  const { owner } = scene.people
  const body = { type: 'expense', account_id: scene.account.id, amount: '1.00', currency: 'EUR' }
  const first = await attack(here(), idOf(owner), { ...post('/transactions', body), key })
  expect(first.status).toBe(201)
  // The same key in another family is a new request there, which names an account that it does not have.
  const foreign = await attack(here(), idOf(scene.victim.family.owner), {
    ...post('/transactions', body),
    key,
  })
  expect(answerOf(foreign)).toMatch(/^(404 not_found|400 invalid_request)$/)
  expect(foreign.headers['idempotent-replayed']).toBeUndefined()
  const second = await attack(here(), idOf(owner), {
    ...post('/transactions', { ...body, amount: '2.00' }),
    key,
  })
  expect(answerOf(second)).toBe('422 idempotency_key_reused')
  const repeat = await attack(other.url, idOf(owner), { ...post('/transactions', body), key })
  expect([repeat.status, repeat.headers['idempotent-replayed'], repeat.text]).toEqual([
    201,
    'true',
    first.text,
  ])
})
