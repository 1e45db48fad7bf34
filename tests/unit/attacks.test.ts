import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import { attacks, files, promises } from '../attacks/promises.ts'
import { holds, seen, toMarkdown, toRows, untried } from '../attacks/table.ts'

const root = join(import.meta.dirname, '../..')

describe('every attack that is promised to fail', () => {
  test.each(attacks.map((attack) => [attack.words, attack] as const))(
    '%s is tried somewhere',
    (_words, { places }) => {
      expect(places.length).toBeGreaterThan(0)
      for (const { file, part = '' } of places) {
        expect([file, existsSync(join(root, file))]).toEqual([file, true])
        // The name of a test may be made of a describe and a table: each word of the part stands in the file.
        const text = readFileSync(join(root, file), 'utf8')
        for (const word of part.split(' '))
          expect([file, part, text.includes(word)]).toEqual([file, part, true])
      }
    },
  )

  test('is there once, and no file of the attacks is left out', () => {
    const words = attacks.map((attack) => attack.words)
    expect(new Set(words).size).toBe(words.length)
    const own = readdirSync(join(root, 'tests/attacks')).filter((name) => name.endsWith('.test.ts'))
    expect(own.filter((name) => !files.includes(`tests/attacks/${name}`))).toEqual([])
  })

  test('stands in docs/ATTACKS.md with its result', () => {
    const page = readFileSync(join(root, 'docs/ATTACKS.md'), 'utf8')
    for (const { words } of attacks) expect(page).toContain(`| ${words} `)
    expect(page).not.toMatch(/NOT TRIED|FAILED \d/)
  })
})

describe('the table', () => {
  const [first] = promises['Tokens']!
  const { file } = first!.places[0]!
  const result = (passed: boolean) => ({
    file,
    name: 'the gateway refuses no algorithm and no signature',
    passed,
  })
  const rowOf = (results: Parameters<typeof toRows>[0]) => toRows(results)[0]!

  test('tells what was tried and held', () => {
    const row = rowOf([result(true), result(true)])
    expect([holds(row), seen(row)]).toEqual([true, 'as expected, 2 ×'])
    expect(toMarkdown([row])).toContain('| algorithms none | 401 token_invalid | as expected, 2 × |')
  })

  test('calls neither a failure nor nothing a success', () => {
    const failed = rowOf([result(true), result(false)])
    expect([holds(failed), seen(failed)]).toEqual([false, 'FAILED 1 of 2'])
    const nothing = rowOf([])
    expect([holds(nothing), seen(nothing)]).toEqual([false, 'NOT TRIED'])
  })

  test('knows the places where no test was found', () => {
    expect(untried([]).length).toBe(attacks.flatMap(({ places }) => places).length)
    expect(untried([result(true)])).not.toContainEqual(first!.places[0])
  })
})
