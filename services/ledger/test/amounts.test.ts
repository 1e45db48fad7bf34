import { afterAll, beforeAll, describe, test } from '@jest/globals'
import { type Form, startForm } from './support/form.ts'

let form: Form
beforeAll(async () => {
  form = await startForm()
}, 30_000)
afterAll(() => form.house.stop())

const expectNamed: Form['expectNamed'] = (...given) => form.expectNamed(...given)
const raw: Form['raw'] = (...given) => form.raw(...given)

const wrongAmounts = [
  '5',
  '5.0',
  '1e2',
  'null',
  'true',
  '[]',
  '{}',
  '["5"]',
  '""',
  '" "',
  '"-5"',
  '"+5"',
  '"-0"',
  '"5.001"',
  '"5."',
  '".5"',
  '"05"',
  '"00"',
  '"5,00"',
  '"1,000.00"',
  '"1_000"',
  '"1e3"',
  '"5E0"',
  '"0x10"',
  '"NaN"',
  '"Infinity"',
  '" 5"',
  '"5 "',
  '"5\\n"',
  '"5.00\\u0000"',
  '"５"',
  '"٥"',
  '"5€"',
  '"five"',
  '"1000000000000"',
  `"${'9'.repeat(400)}"`,
  `"0.${'0'.repeat(400)}1"`,
]

describe('an amount that is not one', () => {
  test.each(wrongAmounts)('is refused on a transaction: %s', (json) =>
    expectNamed('submit', 'amount', raw('submit', 'amount', json)),
  )
  test.each(['"0"', '"0.00"'])('is refused on a transaction, where zero moves nothing: %s', (json) =>
    expectNamed('submit', 'amount', raw('submit', 'amount', json)),
  )
  test.each(wrongAmounts)('is refused as an opening balance: %s', (json) =>
    expectNamed('open', 'opening_balance', raw('open', 'opening_balance', json)),
  )
  test.each(wrongAmounts)('is refused as a limit: %s', async (json) => {
    await expectNamed('open', 'overdraft_limit', raw('open', 'overdraft_limit', json))
    await expectNamed('patch', 'overdraft_limit', raw('patch', 'overdraft_limit', json))
  })
  test.each([
    ['JPY', '1.0'],
    ['KWD', '1.0001'],
  ])('%s has its own places', async (currency, amount) => {
    await expectNamed('submit', 'amount', JSON.stringify({ ...form.valid['submit'], currency, amount }))
    await expectNamed(
      'open',
      'opening_balance',
      JSON.stringify({ ...form.valid['open'], currency, opening_balance: amount }),
    )
  })
})
