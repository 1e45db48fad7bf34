import { describe, expect, test } from '@jest/globals'
import { parseEntry } from './parse-entry.ts'

describe('parseEntry', () => {
  test.each([
    ['12.50 coffee', { type: 'expense', amount: '12.50', description: 'coffee' }],
    ['-5 bread @cash', { type: 'expense', amount: '5', description: 'bread', account: 'cash' }],
    ['+2000 salary', { type: 'income', amount: '2000', description: 'salary' }],
    ['  − 7,30   two   rolls ', { type: 'expense', amount: '7.30', description: 'two rolls' }],
    ['5', { type: 'expense', amount: '5' }],
    [
      '007.5 @"Joint account" taxi',
      { type: 'expense', amount: '7.5', description: 'taxi', account: 'Joint account' },
    ],
    ['20 USD gift', { type: 'expense', amount: '20', currency: 'USD', description: 'gift' }],
    ['20 usd', { type: 'expense', amount: '20', description: 'usd' }],
    ['3 кофе @нал', { type: 'expense', amount: '3', description: 'кофе', account: 'нал' }],
    ['3 mail to a@b.example', { type: 'expense', amount: '3', description: 'mail to a@b.example' }],
    ['1 a\u0000b\nc', { type: 'expense', amount: '1', description: 'a b c' }],
  ])('reads %j', (text, entry) => expect(parseEntry(text)).toEqual(entry))

  test.each([
    ['', 'empty'],
    ['   ', 'empty'],
    ['coffee', 'amount'],
    ['coffee 12', 'amount'],
    ['1e3 x', 'amount'],
    ['1,000.50 x', 'amount'],
    ['1234567890123 x', 'amount'],
    ['1.2345 x', 'amount'],
    ['12. x', 'amount'],
    ['.5 x', 'amount'],
    ['12x', 'amount'],
    ['+-5', 'amount'],
    ['0 x', 'zero'],
    ['0.00', 'zero'],
    [`1 ${'x'.repeat(201)}`, 'long'],
  ])('refuses %j', (text, problem) => expect(parseEntry(text)).toEqual({ problem }))
})
