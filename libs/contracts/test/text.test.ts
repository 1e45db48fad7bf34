import { describe, expect, test } from '@jest/globals'
import { CreateFamily } from '../src/families.ts'
import { OpenAccount, Register, SubmitTransaction } from '../src/index.ts'

const named = (name: string) => CreateFamily.safeParse({ name }).success

describe('a line of text', () => {
  test.each([
    'Wallet',
    'Café «Ёж» 家计',
    'קופה',
    'صندوق',
    '👨‍👩‍👧 home',
    '❤️',
    'e\u0301',
    '-',
    '*_[a](b)_* <b>&amp;',
    "'; DROP TABLE users --",
    // Marks that a text written from right to left may need; they turn nothing around.
    'א\u200f (5)',
    'می\u200cخواهم',
  ])('may be %j', (text) => expect(named(text)).toBe(true))

  test.each([
    ...Array.from({ length: 5 }, (_, index) => String.fromCharCode(0x202a + index)),
    ...Array.from({ length: 4 }, (_, index) => String.fromCharCode(0x2066 + index)),
  ])('holds no change of direction: %j', (character) => {
    expect(named(`a${character}b`)).toBe(false)
    expect(named(`${character}ab`)).toBe(false)
  })

  test.each(['\u200b', '\u00a0\u3000', '\u3164', '\u2060\ufeff', '\u00ad', '\u2800', '\ufe0f', '\u{e0061}'])(
    'leaves a mark: %j does not',
    (text) => expect(named(text)).toBe(false),
  )

  test.each(['a\u0000', 'a\rb', 'a\u001bb', 'a\u007f', 'a\u0090b', 'a\u2029b', '\udfff\ud800', 'a\ud83d'])(
    'is one line of well-formed text: %j is not',
    (text) => expect(named(text)).toBe(false),
  )
})

test('is what every name, description and word of a person is', () => {
  const turned = 'Olga \u202e00.05'
  const account = { kind: 'cash', currency: 'EUR' }
  expect(OpenAccount.safeParse({ ...account, name: turned }).success).toBe(false)
  const person = { email: 'olga@example.org', password: 'a long and private one', family_name: 'Ours' }
  expect(Register.safeParse({ ...person, display_name: turned }).success).toBe(false)
  const spending = { type: 'expense', account_id: crypto.randomUUID(), amount: '1.00', currency: 'EUR' }
  expect(SubmitTransaction.safeParse({ ...spending, description: turned }).success).toBe(false)
  expect(SubmitTransaction.safeParse({ ...spending, description: 'coffee' }).success).toBe(true)
})
