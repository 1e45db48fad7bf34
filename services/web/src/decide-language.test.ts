import { expect, test } from '@jest/globals'
import { decideLanguage, localeOf } from './decide-language.ts'

test.each([
  [null, ['ru-RU', 'en'], 'ru'],
  [null, ['de-DE', 'en-GB'], 'en'],
  [null, ['fr'], 'en'],
  [null, [], 'en'],
  ['ru', ['en'], 'ru'],
  ['xx', ['ru'], 'ru'],
  ['constructor', ['ru'], 'ru'],
])('chosen %j, wanted %j', (chosen, wanted, language) => {
  expect(decideLanguage(chosen, wanted)).toBe(language)
})

test.each([
  ['en', ['de', 'en-GB', 'en'], 'en-GB'],
  ['en', ['ru-RU'], 'en'],
  ['ru', ['ru'], 'ru'],
] as const)('numbers of %s where %j are wanted', (language, wanted, locale) => {
  expect(localeOf(language, wanted)).toBe(locale)
})
