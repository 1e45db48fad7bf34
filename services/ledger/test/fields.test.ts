import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { sendRaw } from './support/ledger-house.ts'
import { type Form, startForm } from './support/form.ts'

let form: Form
beforeAll(async () => {
  form = await startForm()
}, 30_000)
afterAll(() => form.house.stop())

const expectNamed: Form['expectNamed'] = (...given) => form.expectNamed(...given)
const raw: Form['raw'] = (...given) => form.raw(...given)

const wrongCurrencies = [
  '"eur"',
  '"EU"',
  '"EURO"',
  '"XXX"',
  '"XAU"',
  '"ＥＵＲ"',
  '" EUR"',
  '""',
  'null',
  '978',
]

describe('a currency that is not one', () => {
  test.each(wrongCurrencies)('is refused: %s', async (json) => {
    await expectNamed('submit', 'currency', raw('submit', 'currency', json))
    await expectNamed('open', 'currency', raw('open', 'currency', json))
  })
})

describe('a time that is not one', () => {
  test.each([
    '"yesterday"',
    '"2026-05-01"',
    '"2026-05-01T12:00:00"',
    '"2026-02-30T12:00:00Z"',
    '"2026-13-01T12:00:00Z"',
    '"2026-05-01T25:00:00Z"',
    '"2026-05-01 12:00:00Z"',
    '"1969-12-31T23:59:59Z"',
    '"2199-12-31T00:00:00Z"',
    '"9999-12-31T23:59:59Z"',
    '"-000001-01-01T00:00:00Z"',
    '1777636800',
    'null',
    '""',
    '"2026-05-01T12:00:00Z\\u0000"',
  ])('is refused: %s', (json) => expectNamed('submit', 'occurred_at', raw('submit', 'occurred_at', json)))

  test('two days from now is refused', () =>
    expectNamed(
      'submit',
      'occurred_at',
      raw('submit', 'occurred_at', JSON.stringify(new Date(Date.now() + 2 * 86_400_000).toISOString())),
    ))
})

const wrongTexts = [
  '""',
  '" "',
  '"a\\u0000b"',
  '"a\\nb"',
  '"a\\u2028b"',
  '"a\\u0085b"',
  '"\\ud800"',
  '"a\\udc00b"',
  '5',
  'true',
  '["a"]',
  '{"a":"b"}',
]

describe('a text that is not one', () => {
  test.each([...wrongTexts, `"${'x'.repeat(81)}"`])('is refused as a name: %s', async (json) => {
    for (const call of ['open', 'patch', 'category', 'recategorise'])
      await expectNamed(call, 'name', raw(call, 'name', json))
  })
  test.each([...wrongTexts, `"${'x'.repeat(201)}"`])('is refused as a description: %s', (json) =>
    expectNamed('submit', 'description', raw('submit', 'description', json)),
  )
})

describe('an id that is not one', () => {
  test.each(['"x"', '5', '""', '"00000000-0000-0000-0000-00000000000g"', '{}'])(
    'is refused: %s',
    async (json) => {
      for (const field of ['account_id', 'category_id'])
        await expectNamed('submit', field, raw('submit', field, json))
      await expectNamed('open', 'owner_id', raw('open', 'owner_id', json))
      await expectNamed('category', 'parent_id', raw('category', 'parent_id', json))
      await expectNamed('recategorise', 'parent_id', raw('recategorise', 'parent_id', json))
    },
  )
})

describe('a field that is not the client’s to send', () => {
  const fields =
    'id family_id created_by created_at status_text posted held version balance resolved_by approval reverses unknown NAME'
  test.each(fields.split(' '))('is refused: %s', async (field) => {
    for (const call of Object.keys(form.valid)) await expectNamed(call, field, raw(call, field, '"x"'))
  })

  test('a status, except to open an account again', async () => {
    for (const call of ['submit', 'open', 'category', 'recategorise'])
      await expectNamed(call, 'status', raw(call, 'status', '"posted"'))
    await expectNamed('patch', 'status', raw('patch', 'status', '"closed"'))
  })

  test.each(['__proto__', 'constructor', 'prototype'])('is refused: %s', async (field) => {
    for (const call of Object.keys(form.valid))
      await expectNamed(call, field, raw(call, field, '{"isAdmin":true}'))
  })

  test('is refused when it is there twice', async () => {
    for (const [call, body] of Object.entries(form.valid)) {
      const [name, value] = Object.entries(body)[0]!
      const again = `${JSON.stringify(name)}:${JSON.stringify(value)}`
      await expectNamed(call, name, `${JSON.stringify(body).slice(0, -1)},${again}}`)
    }
  })

  test('is named by no more than its beginning', async () => {
    const name = 'x'.repeat(5_000)
    for (const body of [`{"${name}":1}`, `{"${name}":1,"${name}":1}`]) {
      const { problem } = await sendRaw(form.family.owner, form.paths['submit']!, body)
      expect(problem.errors.map(({ field }) => field)).toContain(name.slice(0, 100))
      expect(JSON.stringify(problem).length).toBeLessThan(2_000)
    }
  })

  test('is named among the first hundred of very many', async () => {
    const many = Object.fromEntries(Array.from({ length: 5_000 }, (_, n) => [`x${n}`, 0]))
    const body = JSON.stringify({ ...form.valid['submit'], ...many })
    const { problem } = await sendRaw(form.family.owner, form.paths['submit']!, body)
    expect(problem.errors).toHaveLength(100)
    expect(problem.errors[0]).toEqual({ field: 'x0', message: 'Unknown field' })
  })
})

describe('a body that does not hold together', () => {
  test('a transfer names another account, and only a transfer does', async () => {
    const body = form.valid['submit']!
    const account = body['account_id'] as string
    for (const more of [
      { type: 'transfer' },
      { type: 'transfer', to_account_id: account },
      { to_account_id: form.other },
      { type: 'income', to_account_id: form.other },
    ])
      await expectNamed('submit', 'to_account_id', JSON.stringify({ ...body, ...more }))
  })

  test.each(['type', 'account_id', 'amount', 'currency'])('a transaction needs its %s', (field) =>
    expectNamed('submit', field, JSON.stringify({ ...form.valid['submit'], [field]: undefined })),
  )
  test.each(['name', 'kind', 'currency'])('an account needs its %s', (field) =>
    expectNamed('open', field, JSON.stringify({ ...form.valid['open'], [field]: undefined })),
  )
  test('kinds, types and visibilities are those of the contract', async () => {
    await expectNamed('submit', 'type', raw('submit', 'type', '"opening"'))
    await expectNamed('open', 'kind', raw('open', 'kind', '"outside"'))
    await expectNamed('open', 'visibility', raw('open', 'visibility', '"public"'))
    await expectNamed('open', 'shared_with', raw('open', 'shared_with', JSON.stringify([randomUUID()])))
  })
  test.each(['', '[]', 'null', '"x"', '5', '{', '{"name":}', '[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]'])(
    'is refused whole: %s',
    async (body) => {
      const before = await form.house.stateOf(form.family.id)
      for (const path of Object.values(form.paths)) {
        const { status, problem } = await sendRaw(form.family.owner, path, body)
        expect([status, problem.code]).toEqual([400, 'invalid_request'])
      }
      expect(await form.house.stateOf(form.family.id)).toEqual(before)
    },
  )
})
