import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import type { ProblemCode, Role } from '../../libs/contracts/src/index.ts'
import { givenAccount } from '../support/given.ts'
import { attack, wrongWith } from './attacker.ts'
import {
  type Case,
  expectRefused,
  get,
  idOf,
  post,
  request,
  roles,
  type Scene,
  settled,
  startScene,
} from './scene.ts'

let scene: Scene
beforeAll(async () => {
  scene = await startScene()
}, 120_000)
afterAll(() => scene.stop())

const spending = (more: object) => ({
  type: 'expense',
  account_id: scene.account.id,
  amount: '1.00',
  currency: 'EUR',
  ...more,
})
const at = (role: Role, name: string, what: Case['what'], code: Case['code']): Case => ({
  name: `${role}: ${name}`,
  who: idOf(scene.people[role]),
  what,
  code,
})

/** What a role that may not do something at all is told before anybody looks for what it names. */
const unless = (allowed: readonly Role[], role: Role, code: ProblemCode): ProblemCode =>
  allowed.includes(role) ? code : 'permission_denied'

const spenders: Role[] = ['owner', 'adult', 'member', 'child']
const adults: Role[] = ['owner', 'adult']
const openers: Role[] = ['owner', 'adult', 'member']

describe.each(roles)('a %s', (role) => {
  test('spends nothing from, into or by what is another family’s', async () => {
    const { account, hidden, category } = scene.victim
    const own = scene.account.id
    const code = unless(spenders, role, 'not_found')
    const cases: [string, object][] = [
      ['from their account', spending({ account_id: account })],
      ['from their private account', spending({ account_id: hidden })],
      ['into their account', spending({ type: 'income', account_id: account })],
      ['a transfer out of theirs', spending({ type: 'transfer', account_id: account, to_account_id: own })],
      ['a transfer into theirs', spending({ type: 'transfer', to_account_id: account })],
      [
        'a transfer within theirs',
        spending({ type: 'transfer', account_id: account, to_account_id: hidden }),
      ],
    ]
    await expectRefused(scene, [
      ...cases.flatMap(([name, body]) => [
        at(role, name, post('/transactions', body), [code, unless(spenders, role, 'invalid_request')]),
        at(role, `preview of ${name}`, post('/transactions?dry_run=true', body), [
          code,
          unless(spenders, role, 'invalid_request'),
        ]),
      ]),
      at(role, 'by their category', post('/transactions', spending({ category_id: category })), [
        code,
        unless(spenders, role, 'invalid_request'),
      ]),
    ])
  })

  test('does nothing to what is another family’s', async () => {
    const { family, account, hidden, category, waiting, posted, invitation, user, session } = scene.victim
    const seen = (allowed: readonly Role[]) => unless(allowed, role, 'not_found')
    await expectRefused(scene, [
      ...[waiting, posted].flatMap((id) => [
        at(role, 'approve', post(`/transactions/${id}/approve`, {}), seen(adults)),
        at(role, 'reject', post(`/transactions/${id}/reject`, { reason: 'x' }), seen(adults)),
        at(role, 'cancel', post(`/transactions/${id}/cancel`, {}), seen(spenders)),
        at(role, 'reverse', post(`/transactions/${id}/reverse`, { reason: 'x' }), seen(openers)),
      ]),
      ...[account, hidden].flatMap((id) => [
        at(role, 'rename', request('PATCH', `/accounts/${id}`, { name: 'Mine' }), seen(openers)),
        at(
          role,
          'share',
          request('PATCH', `/accounts/${id}`, {
            visibility: 'shared',
            shared_with: [scene.people[role].userId],
          }),
          seen(openers),
        ),
        at(role, 'close', post(`/accounts/${id}/close`, {}), seen(adults)),
      ]),
      at(role, 'category', request('PATCH', `/categories/${category}`, { archived: true }), seen(openers)),
      at(role, 'rename family', request('PATCH', `/families/${family.id}`, { name: 'Ours' }), 'not_found'),
      at(role, 'invite', post(`/families/${family.id}/invitations`, { role: 'owner' }), 'not_found'),
      at(
        role,
        'take back',
        request('DELETE', `/families/${family.id}/invitations/${invitation}`),
        'not_found',
      ),
      at(
        role,
        'take back as ours',
        request('DELETE', `/families/${scene.family.id}/invitations/${invitation}`),
        seen(adults),
      ),
      at(role, 'remove', request('DELETE', `/families/${family.id}/members/${user}`), 'not_found'),
      at(role, 'remove as ours', request('DELETE', `/families/${scene.family.id}/members/${user}`), [
        'not_found',
        'permission_denied',
      ]),
      at(
        role,
        'degrade',
        request('PATCH', `/families/${family.id}/members/${user}`, { role: 'child' }),
        'not_found',
      ),
      at(
        role,
        'degrade as ours',
        request('PATCH', `/families/${scene.family.id}/members/${user}`, { role: 'child' }),
        seen(['owner']),
      ),
      at(
        role,
        'become',
        request('PATCH', `/families/${family.id}/members/${scene.people[role].userId}`, { role: 'owner' }),
        'not_found',
      ),
      at(role, 'end session', request('DELETE', `/auth/sessions/${session}`), 'not_found'),
    ])
  })

  test('names nobody and nothing of another family in a body', async () => {
    const { account, category, user } = scene.victim
    await expectRefused(scene, [
      at(
        role,
        'an account for them',
        post('/accounts', { name: 'X', kind: 'cash', currency: 'EUR', owner_id: user }),
        unless(openers, role, role === 'member' ? 'permission_denied' : 'not_found'),
      ),
      at(
        role,
        'an account shared with them',
        post('/accounts', {
          name: 'X',
          kind: 'cash',
          currency: 'EUR',
          visibility: 'shared',
          shared_with: [user],
        }),
        unless(openers, role, 'invalid_request'),
      ),
      at(
        role,
        'a category below theirs',
        post('/categories', { name: 'X', parent_id: category }),
        unless(openers, role, 'invalid_request'),
      ),
      at(
        role,
        'a threshold on their account',
        request('PUT', '/approval-policy', {
          thresholds: [{ role: 'member', account_id: account, amount: null }],
        }),
        unless(['owner'], role, 'invalid_request'),
      ),
      at(
        role,
        'a switch to their family',
        {
          ...post('/auth/token/refresh', {
            refresh_token: scene.people[role].session.refresh_token,
            family_id: scene.victim.family.id,
          }),
        },
        'not_found',
      ),
    ])
  })

  test('reads nothing of another family', async () => {
    const { family, account, hidden, waiting, posted, user, category, secrets } = scene.victim
    await expectRefused(scene, [
      ...[account, hidden].flatMap((id) =>
        ['', '/balance', '/entries'].map((part) =>
          at(role, `account${part}`, get(`/accounts/${id}${part}`), 'not_found'),
        ),
      ),
      ...[waiting, posted].map((id) => at(role, 'transaction', get(`/transactions/${id}`), 'not_found')),
      ...['', '/members', '/invitations'].map((part) =>
        at(role, `family${part}`, get(`/families/${family.id}${part}`), 'not_found'),
      ),
      at(role, 'sessions', get(`/auth/sessions?user_id=${user}`), 'not_found'),
      at(role, 'entry', get(`/audit/events/${(await anEntryOf(family.id)).id}`), 'not_found'),
    ])
    const url = scene.house.urls.gateway
    // Filters that name theirs match nothing, and lists without filters show nothing of theirs.
    for (const target of [
      `/transactions?account_id=${account}`,
      `/transactions?category_id=${category}`,
      `/transactions?member_id=${user}`,
      `/audit/events?actor_id=${user}`,
      `/audit/events?entity_id=${account}`,
    ]) {
      const seen = await attack(url, idOf(scene.people[role]), get(target))
      expect([target, seen.status, (seen.json as { items?: unknown }).items]).toEqual([target, 200, []])
    }
    for (const target of [
      '/accounts',
      '/transactions?q=secret',
      '/categories',
      '/families',
      '/auth/me',
      '/auth/sessions',
      '/approval-policy',
      `/reports/summary?account_id=${account}`,
      `/reports/cash-flow?account_id=${hidden}`,
      '/reports/net-worth',
      '/exports/transactions.csv',
      '/audit/events?limit=100',
      '/audit/access',
      '/audit/export',
      '/audit/verify',
      '/audit/head',
    ]) {
      const seen = await attack(url, idOf(scene.people[role]), get(target))
      expect([target, ...wrongWith(seen, [...secrets, family.id, account, hidden])]).toEqual([target])
    }
  })
})

const anEntryOf = async (familyId: string): Promise<{ id: string }> =>
  (
    await scene.sql.query<{ id: string }>(
      'SELECT event_id AS id FROM audit.event_log WHERE family_id = $1 LIMIT 1',
      [familyId],
    )
  ).rows[0]!

test('what is another family’s looks like what does not exist, to the byte', async () => {
  const url = scene.house.urls.gateway
  const who = idOf(scene.people.owner)
  const plain = (seen: { text: string; status: number }) => [
    seen.status,
    seen.text
      .replaceAll(/"(request_id|trace_id)":"[^"]*"/g, '')
      .replaceAll(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, 'ID'),
  ]
  const { victim } = scene
  const pairs: [string, (id: string) => Case['what']][] = [
    [victim.account, (id) => get(`/accounts/${id}`)],
    [victim.hidden, (id) => get(`/accounts/${id}/balance`)],
    [victim.posted, (id) => get(`/transactions/${id}`)],
    [victim.waiting, (id) => post(`/transactions/${id}/approve`, {})],
    [victim.posted, (id) => post(`/transactions/${id}/reverse`, { reason: 'x' })],
    [victim.account, (id) => post('/transactions', spending({ account_id: id }))],
    [victim.category, (id) => post('/transactions', spending({ category_id: id }))],
    [victim.user, (id) => post('/accounts', { name: 'X', kind: 'cash', currency: 'EUR', owner_id: id })],
    [victim.family.id, (id) => get(`/families/${id}`)],
    [victim.user, (id) => request('DELETE', `/families/${scene.family.id}/members/${id}`)],
    [victim.session, (id) => request('DELETE', `/auth/sessions/${id}`)],
  ]
  for (const [theirs, make] of pairs) {
    const [foreign, absent] = [
      await attack(url, who, make(theirs)),
      await attack(url, who, make(randomUUID())),
    ]
    expect(plain(foreign)).toEqual(plain(absent))
  }
})

test('a cursor of another family or another list goes nowhere', async () => {
  const { owner } = scene.victim.family
  for (let index = 0; index < 3; index++) await givenAccount(owner, { name: `${index}` })
  await settled(scene.sql)
  const url = scene.house.urls.gateway
  const paths = ['/accounts', '/transactions', '/audit/events', '/audit/access']
  const cursors: string[] = []
  for (const path of paths) {
    const page = await attack(url, idOf(owner), get(`${path}?limit=1`))
    const { next_cursor: cursor } = page.json as { next_cursor: string | null }
    if (cursor !== null) cursors.push(cursor)
  }
  expect(cursors.length).toBeGreaterThanOrEqual(3)
  const cases = cursors.flatMap((cursor) =>
    paths.map((path) => ({
      ...at('owner', path, get(`${path}?cursor=${cursor}`), 'invalid_request'),
      field: 'cursor',
    })),
  )
  await expectRefused(scene, cases)
})
