import { describe, expect, test } from '@jest/globals'
import { Problem } from '@common-purse/contracts'
import fc from 'fast-check'
import { parseDictionary, serializeDictionary } from 'structured-headers'
import { readSignature } from './read-signature.ts'

const nonce = 'abcdefghijklmnopqrstuv'
const proper = `sig=("@method" "@path");created=1700000000;nonce="${nonce}";keyid="v1.x";alg="hmac-sha256"`
const value = `sig=:${'A'.repeat(43)}=:`

const read = (input: string, signature = value) =>
  readSignature({
    method: 'GET',
    target: '/',
    header: (name) => (name === 'signature-input' ? input : signature),
  })

/** What is wrong with it, or that nothing is. */
function codeOf(input: string, signature?: string): string {
  try {
    read(input, signature)
    return 'accepted'
  } catch (error) {
    if (error instanceof Problem) return error.code
    throw error
  }
}

test('reads what signers write', () => {
  expect(read(proper)).toEqual({
    components: ['@method', '@path'],
    params: proper.slice('sig='.length),
    created: 1_700_000_000,
    nonce,
    keyId: 'v1.x',
    value: Buffer.alloc(32),
  })
})

test('reads a key id that only the parser can read', () => {
  expect(read(proper.replace('v1.x', 'a;b=\\"c\\\\')).keyId).toBe('a;b="c\\')
})

describe('refuses what is not written as it is signed', () => {
  test.each([
    ['a parameter twice', proper.replace(';alg', `;nonce="${'b'.repeat(22)}";alg`)],
    ['a space between parameters', proper.replace(';created', '; created')],
    ['two spaces between components', proper.replace('" "', '"  "')],
    ['a space inside the list', proper.replace('("@', '( "@')],
    ['seconds with a point', proper.replace('1700000000', '1700000000.0')],
    ['seconds with a zero before', proper.replace('1700000000', '01700000000')],
  ])('%s', (_name, input) => expect(codeOf(input)).toBe('signature_invalid'))
})

test.each([
  ['one label twice', `${value}, ${value}`],
  ['parameters', `${value};created=1`],
  ['a list', `sig=(:AAAA:)`],
  ['a text', 'sig="AAAA"'],
  ['base64url', value.replace('A', '-')],
  ['nothing', ''],
])('refuses a value with %s', (_name, text) => expect(codeOf(proper, text)).toBe('signature_invalid'))

test('takes a value without padding, as RFC 9651 asks of readers', () => {
  expect(read(proper, value.replace('A=:', 'A:')).value).toEqual(Buffer.alloc(32))
})

// Pieces of signatures, whole and broken, in any order: what is near to right is where parsers fail.
const piece = fc.oneof(
  { weight: 3, arbitrary: fc.string() },
  fc.string({ unit: 'binary' }),
  fc.constantFrom(...proper.split(/(?=[;" =()])|(?<=[;" =()])/)),
  fc.constantFrom(
    'sig=',
    ':AAAA:',
    ',',
    '\\"',
    ';created=1',
    '%"x"',
    '@1',
    '?1',
    '*',
    '\t',
    '\0',
    ';sf',
    '("@query";bs)',
  ),
)
const junk = fc.array(piece, { maxLength: 20 }).map((pieces) => pieces.join(''))
const changed = fc
  .tuple(fc.nat({ max: proper.length }), fc.nat({ max: 5 }), junk)
  .map(([at, drop, more]) => proper.slice(0, at) + more + proper.slice(at + drop))

test('nothing makes the reader fail, and what it takes is one signature by the profile, as it was signed', () => {
  fc.assert(
    fc.property(fc.oneof(junk, changed), (input) => {
      const code = codeOf(input)
      expect(['accepted', 'signature_invalid']).toContain(code)
      if (code !== 'accepted') return
      const signature = read(input)
      const dictionary = parseDictionary(input)
      expect(serializeDictionary(dictionary)).toBe(input)
      const [[label, [items, parameters]]] = [...dictionary] as [
        [string, [[string, Map<string, never>][], Map<string, unknown>]],
      ]
      expect(input).toBe(`${label}=${signature.params}`)
      expect(items.map(([name]) => name)).toEqual(signature.components)
      expect(Object.fromEntries(parameters)).toEqual({
        created: signature.created,
        nonce: signature.nonce,
        keyid: signature.keyId,
        alg: 'hmac-sha256',
      })
    }),
    { numRuns: 2_000 },
  )
})

test('nor does anything in place of the value', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        junk,
        junk.map((text) => `sig=:${text}:`),
        fc.base64String().map((text) => `sig=:${text}:`),
      ),
      (text) => {
        const code = codeOf(proper, text)
        expect(['accepted', 'signature_invalid']).toContain(code)
        if (code !== 'accepted') return
        const [[, [bytes]]] = [...parseDictionary(text)] as unknown as [[string, [ArrayBuffer]]]
        expect(read(proper, text).value).toEqual(Buffer.from(bytes))
      },
    ),
    { numRuns: 2_000 },
  )
})
