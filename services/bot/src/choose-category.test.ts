import { expect, test } from '@jest/globals'
import { chooseCategory } from './choose-category.ts'

const categories = ['Food', 'Food out', 'Fuel', 'Еда'].map((name) => ({ name }))

test.each([
  ['food', 'Food'],
  ['food-out', 'Food out'],
  ['FU', 'Fuel'],
  ['еда', 'Еда'],
  ['fo', undefined],
  ['f', undefined],
  ['x', undefined],
])('#%s is %s', (wanted, name) => expect(chooseCategory(categories, wanted)?.name).toBe(name))
