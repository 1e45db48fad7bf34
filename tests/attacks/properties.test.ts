import { afterAll, beforeAll, describe, test } from '@jest/globals'
import { type Case, expectRefused, get, idOf, post, type Scene, startScene } from './scene.ts'

let scene: Scene
beforeAll(async () => {
  scene = await startScene()
}, 120_000)
afterAll(() => scene.stop())

const owner = () => idOf(scene.people.owner)
const spending = () => ({ type: 'expense', account_id: scene.account.id, amount: '2.00', currency: 'EUR' })
const opening = { name: 'Jar', kind: 'cash', currency: 'EUR' }

describe('a property that is not the client’s to send', () => {
  const names = [
    'role',
    'version',
    'family_id',
    'fam',
    'sub',
    'created_by',
    'owner',
    'status_',
    'posted',
    'approved',
    'actor_id',
    'is_admin',
    'Amount',
    'amount ',
    '$where',
    '$ne',
    'toString',
    'hasOwnProperty',
    'valueOf',
    '__proto__',
    'constructor',
    'prototype',
    '',
  ]
  test('is refused in every body by its name', () => {
    const bodies: [string, string, object][] = [
      ['POST', '/transactions', spending()],
      ['POST', '/accounts', opening],
      ['PATCH', `/accounts/${scene.account.id}`, { name: 'Jar' }],
      ['POST', '/categories', { name: 'Food' }],
      ['PUT', '/approval-policy', { thresholds: [] }],
      ['POST', '/families', { name: 'More' }],
      ['POST', `/families/${scene.family.id}/invitations`, { email: 'x@example.org' }],
      ['PATCH', '/auth/me', { display_name: 'Me' }],
      ['POST', '/auth/logout', {}],
      ['POST', '/auth/login', { email: 'x@example.org', password: 'y' }],
      ['POST', '/auth/token/refresh', { refresh_token: 'z' }],
    ]
    return expectRefused(
      scene,
      bodies.flatMap(([method, target, body]) =>
        names
          .filter((name) => !(name === 'role' && target.endsWith('/invitations')))
          .map((name): Case => ({
            name: `${method} ${target} ${name}`,
            who: owner(),
            what: {
              ...post(
                target,
                JSON.stringify(body).replace(
                  /\}$/,
                  `${Object.keys(body).length > 0 ? ',' : ''}${JSON.stringify(name)}:"owner"}`,
                ),
              ),
              method,
            },
            code: 'invalid_request',
            field: name,
          })),
      ),
    )
  })
  test('is refused in every query by its name', () =>
    expectRefused(
      scene,
      [
        '/accounts',
        '/transactions',
        '/categories',
        '/audit/events',
        '/audit/access',
        '/auth/sessions',
        '/families',
        '/reports/summary',
      ].flatMap((path) =>
        [
          'family_id',
          'role',
          'fam',
          'order_by',
          'offset',
          '__proto__',
          'constructor',
          'limit[]',
          'limit.x',
        ].map((name): Case => ({
          name: `${path} ${name}`,
          who: owner(),
          what: get(`${path}?${encodeURIComponent(name)}=1`),
          code: 'invalid_request',
          field: name,
        })),
      ),
    ))
})

test('limits and cursors that nobody gave are refused by name', async () => {
  const lists = [
    '/accounts',
    '/transactions',
    '/categories',
    '/families',
    '/auth/sessions',
    '/audit/events',
    '/audit/access',
    `/accounts/${scene.account.id}/entries`,
    `/families/${scene.family.id}/members`,
    `/families/${scene.family.id}/invitations`,
  ]
  const limits = [
    '0',
    '-1',
    '101',
    '1000000000',
    '1e2',
    '1.0',
    '+5',
    '05',
    '%205',
    '٥',
    '0x10',
    '',
    'all',
    '5%00',
    '18446744073709551617',
  ]
  const forged = [
    'AAAA',
    'x',
    Buffer.from('{}').toString('base64url'),
    Buffer.from('[]').toString('base64url'),
    Buffer.from('null').toString('base64url'),
    Buffer.from(JSON.stringify({ id: scene.victim.posted, at: '2026-01-01T00:00:00Z' })).toString(
      'base64url',
    ),
    Buffer.from(JSON.stringify(['2026-01-01T00:00:00Z', scene.victim.posted])).toString('base64url'),
    Buffer.from(`' OR 1=1 --`).toString('base64url'),
    Buffer.from('9'.repeat(40)).toString('base64url'),
    'A'.repeat(512),
    'A'.repeat(513),
    '%00',
    '..',
    '_',
  ]
  const place =
    (field: string, value: string) =>
    (path: string): Case => ({
      name: `${path} ${field}=${value.slice(0, 40)}`,
      who: owner(),
      what: get(`${path}?${field}=${/^[%\w.+-]*$/.test(value) ? value : encodeURIComponent(value)}`),
      code: 'invalid_request',
      field,
    })
  await expectRefused(
    scene,
    limits.flatMap((value) => lists.map(place('limit', value))),
  )
  await expectRefused(
    scene,
    forged.flatMap((value) => lists.map(place('cursor', value))),
  )
})
