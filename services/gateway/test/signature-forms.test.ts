import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { digestOf, type HandSigned } from './support/hand-signed.ts'
import { body, type SignedSender, startSignedSender } from './support/sent-signed.ts'

let by: SignedSender
beforeAll(async () => {
  by = await startSignedSender()
})
afterAll(() => by.stop())

const chars = (count: number) => `"${'n'.repeat(count - 16)}${randomBytes(8).toString('hex')}"`
const seconds = () => Math.floor(Date.now() / 1000)

test('by hand and by the letter it passes', async () => {
  expect(await by.sending({})).toBe(200)
})

describe('created', () => {
  test.each<[string, () => string | undefined, string]>([
    ['absent', () => undefined, 'signature_invalid'],
    ['empty', () => '""', 'signature_invalid'],
    ['a text', () => `"${seconds()}"`, 'signature_invalid'],
    ['a fraction', () => `${seconds()}.5`, 'signature_invalid'],
    ['a whole number with a point', () => `${seconds()}.0`, 'signature_invalid'],
    ['a date', () => `@${seconds()}`, 'signature_invalid'],
    ['true', () => '?1', 'signature_invalid'],
    ['with an exponent', () => '1e9', 'signature_invalid'],
    ['with a sign', () => `+${seconds()}`, 'signature_invalid'],
    ['in milliseconds', () => String(Date.now()), 'signature_expired'],
    ['zero', () => '0', 'signature_expired'],
    ['negative', () => '-1', 'signature_expired'],
    ['the negative of now', () => `-${seconds()}`, 'signature_expired'],
    ['as large as a number can be', () => '999999999999999', 'signature_expired'],
    ['larger', () => '9999999999999999', 'signature_invalid'],
    ['much larger', () => '9'.repeat(400), 'signature_invalid'],
    ['two minutes ago', () => String(seconds() - 120), 'signature_expired'],
    ['in two minutes', () => String(seconds() + 120), 'signature_expired'],
  ])('%s', async (_name, created, code) => {
    expect(await by.sending({ params: { created: created() } })).toBe(code)
  })
})

describe('the nonce', () => {
  test.each<[string, () => string | undefined, string | number]>([
    ['absent', () => undefined, 'signature_invalid'],
    ['empty', () => '""', 'signature_invalid'],
    ['of 21 characters', () => chars(21), 'signature_invalid'],
    ['of 22', () => chars(22), 200],
    ['of 64', () => chars(64), 200],
    ['of 65', () => chars(65), 'signature_invalid'],
    ['with - and _', () => chars(30).replace('nn', '-_'), 200],
    ['in base64', () => chars(30).replace('nn', '+/'), 'signature_invalid'],
    ['with padding', () => chars(30).replace('nn', '=='), 'signature_invalid'],
    ['with a blank', () => chars(30).replace('nn', 'n '), 'signature_invalid'],
    ['with a colon', () => chars(30).replace('nn', 'n:'), 'signature_invalid'],
    ['without quotes', () => chars(30).slice(1, -1), 'signature_invalid'],
    ['as bytes', () => `:${digestOf('')}:`, 'signature_invalid'],
    ['as a number', () => '1234567890', 'signature_invalid'],
  ])('%s', async (_name, nonce, expected) => {
    expect(await by.sending({ params: { nonce: nonce() } })).toBe(expected)
  })
})

describe('the algorithm', () => {
  test.each([
    undefined,
    '""',
    '"hmac-sha512"',
    '"HMAC-SHA256"',
    '"hmac-sha256 "',
    '"ed25519"',
    '"rsa-pss-sha512"',
    '"none"',
    'hmac-sha256',
    '1',
  ])('%s', async (alg) => {
    expect(await by.sending({ params: { alg } })).toBe('signature_invalid')
  })
})

describe('parameters', () => {
  test('in any order', async () => {
    const keyid = `"${by.person.key.key_id}"`
    const params = { alg: '"hmac-sha256"', keyid, nonce: chars(32), created: String(seconds()) }
    const rewrite = () =>
      `("@method" "@path" "@query" "content-digest" "authorization");alg=${params.alg};keyid=${keyid};nonce=${params.nonce};created=${params.created}`
    const components = ['"@method"', '"@path"', '"@query"', '"content-digest"', '"authorization"']
    expect(await by.sending({ rewrite, components, idempotencyKey: undefined })).toBe(200)
  })

  test.each<[string, Partial<HandSigned>]>([
    ['one more', { params: { tag: '"app"' } }],
    ['an expiry', { params: { expires: '9999999999' } }],
    ['a flag', { rewrite: (text) => `${text};x` }],
    ['one twice, alike', { rewrite: (text) => `${text};alg="hmac-sha256"` }],
    ['created twice', { rewrite: (text) => `${text};created=${seconds()}` }],
    ['a nonce before another', { rewrite: (text) => text.replace(';nonce', `;nonce=${chars(32)};nonce`) }],
    ['a key id before another', { rewrite: (text) => text.replace(';keyid', ';keyid="bot.v1";keyid') }],
    ['a name in capitals', { rewrite: (text) => text.replace(';alg', ';Alg') }],
    ['a blank before one', { rewrite: (text) => text.replace(';alg', '; alg') }],
    ['none', { rewrite: (text) => text.slice(0, text.indexOf(';')) }],
  ])('%s', async (_name, given) => {
    expect(await by.sending(given)).toBe('signature_invalid')
  })
})

describe('components', () => {
  const proper = [
    '"@method"',
    '"@path"',
    '"@query"',
    '"content-digest"',
    '"authorization"',
    '"idempotency-key"',
  ]
  const instead = (old: string, ...items: string[]) =>
    proper.flatMap((item) => (item === `"${old}"` ? items : [item]))

  test('in any order', async () => {
    expect(await by.sending({ components: proper.toReversed() })).toBe(200)
  })

  test.each<[string, string[]]>([
    ['none', []],
    ['no @method', instead('@method')],
    ['no @path', instead('@path')],
    ['no @query', instead('@query')],
    ['no content-digest', instead('content-digest')],
    ['no authorization', instead('authorization')],
    ['no idempotency-key where it is sent', instead('idempotency-key')],
    ['one twice', [...proper, '"@path"']],
    ['a capital', instead('@method', '"@Method"')],
    ['a header in capitals', instead('content-digest', '"Content-Digest"')],
    ['@target-uri instead of path and query', instead('@path', '"@target-uri"')],
    ['@request-target', [...proper, '"@request-target"']],
    ['@authority', [...proper, '"@authority"']],
    ['a header that is none of the profile', [...proper, '"content-type"']],
    ['@signature-params', [...proper, '"@signature-params"']],
    [';sf', instead('content-digest', '"content-digest";sf')],
    [';bs', instead('content-digest', '"content-digest";bs')],
    [';key', instead('content-digest', '"content-digest";key="sha-256"')],
    [';req', instead('@method', '"@method";req')],
    [';tr', instead('content-digest', '"content-digest";tr')],
    [';name', instead('@query', '"@query-param";name="a"')],
    ['the same with and without a flag', [...proper, '"content-digest";bs']],
    ['no quotes', instead('authorization', 'authorization')],
  ])('%s', async (_name, components) => {
    const rewrite = (text: string) => text.replace('"authorization-unquoted"', 'authorization')
    const safe = components.map((item) => (item === 'authorization' ? '"authorization-unquoted"' : item))
    expect(await by.sending({ components: safe, rewrite })).toBe('signature_invalid')
  })

  test('a header that is not sent', async () => {
    expect(await by.sending({ components: proper, idempotencyKey: undefined })).toBe('signature_invalid')
  })

  test('idempotency-key may be covered where it is not needed', async () => {
    const route = '/api/v1/auth/logout'
    const headers = by.signed({ target: route, body: '{}' })
    expect(await by.outcome(by.post(headers, route, '{}'))).toBe(200)
  })
})

describe('labels and signatures', () => {
  const change = (edit: (input: string, value: string) => [string, string]) => {
    const headers = by.signed()
    const [input, signature] = edit(headers['signature-input']!, headers['signature']!)
    return by.outcome(by.post({ ...headers, 'signature-input': input, signature }))
  }

  test.each(['a', '*', 'sig1', 'x.y-z_0*'])('any one label: %s', async (label) => {
    expect(await by.sending({ label })).toBe(200)
  })

  test.each<[string, Parameters<typeof change>[0]]>([
    ['two labels', (input, value) => [`${input}, b${input.slice(3)}`, `${value}, b${value.slice(3)}`]],
    ['two inputs for one value', (input, value) => [`${input}, b=("@method");created=1`, value]],
    ['two values for one input', (input, value) => [input, `${value}, b=:AAAA:`]],
    ['one label twice', (input, value) => [`${input}, ${input}`, value]],
    ['one value twice', (input, value) => [input, `${value}, ${value}`]],
    ['a wrong value before the right one', (input, value) => [input, `sig=:${digestOf('')}:, ${value}`]],
    ['a capital', (input, value) => [`S${input.slice(1)}`, `S${value.slice(1)}`]],
    ['labels that differ', (input, value) => [input, `gis${value.slice(3)}`]],
    ['no label', (input, value) => [input.slice(4), value.slice(4)]],
    ['a comma behind', (input, value) => [`${input},`, value]],
    ['a value with parameters', (input, value) => [input, `${value};a=1`]],
    ['a value of another length', (input, value) => [input, value.replace(/=:.{4}/, '=:')]],
    ['an empty value', (input) => [input, 'sig=::']],
    ['a value in base64url', (input) => [input, `sig=:${'-_'.repeat(21)}-=:`]],
    ['a value that is no base64', (input) => [input, 'sig=:****:']],
    [
      'a value in hexadecimal',
      (input, value) => [input, `sig=${Buffer.from(value.slice(5, -1), 'base64').toString('hex')}`],
    ],
    ['a flag instead of a list', (_input, value) => ['sig', value]],
    ['nothing in the input', (_input, value) => ['', value]],
  ])('%s', async (_name, edit) => {
    expect(await change(edit)).toBe('signature_invalid')
  })

  test('a value without padding is the same value', async () => {
    expect(await change((input, value) => [input, value.replace('=:', ':').replace('sig:', 'sig=:')])).toBe(
      200,
    )
  })

  test('one header of the two is signature_missing', async () => {
    const { signature: _value, ...withoutValue } = by.signed()
    expect(await by.outcome(by.post(withoutValue))).toBe('signature_missing')
    const { 'signature-input': _input, ...withoutInput } = by.signed()
    expect(await by.outcome(by.post(withoutInput))).toBe('signature_missing')
  })
})

describe('the digest', () => {
  const sha512 = `sha-512=:${digestOf(body, 'sha512')}:`
  const sha256 = `sha-256=:${digestOf(body)}:`
  test.each<[string, string, string | number]>([
    ['of another algorithm beside it', `${sha512}, ${sha256}`, 200],
    ['of another algorithm behind it', `${sha256}, ${sha512}`, 200],
    ['without padding', sha256.replace('=:', ':').replace('sha-256:', 'sha-256=:'), 200],
    ['of another algorithm alone', sha512, 'digest_mismatch'],
    ['of other bytes', `sha-256=:${digestOf('{"amount":"12.51"}')}:`, 'digest_mismatch'],
    ['of nothing', `sha-256=:${digestOf('')}:`, 'digest_mismatch'],
    ['cut short', 'sha-256=:AAAA:', 'digest_mismatch'],
    ['empty', 'sha-256=::', 'digest_mismatch'],
    ['in quotes', `sha-256="${digestOf(body)}"`, 'digest_mismatch'],
    ['as a flag', 'sha-256', 'digest_mismatch'],
    ['under another name', sha256.replace('sha-256', 'sha256'), 'digest_mismatch'],
    ['in capitals', sha256.replace('sha', 'SHA'), 'signature_invalid'],
    ['as the old Digest header has it', `SHA-256=${digestOf(body)}`, 'signature_invalid'],
    ['that is no base64', 'sha-256=:****:', 'signature_invalid'],
    ['in base64url', `sha-256=:${'-_'.repeat(21)}-=:`, 'signature_invalid'],
    ['without colons', `sha-256=${digestOf(body)}`, 'signature_invalid'],
  ])('%s', async (_name, digest, expected) => {
    expect(await by.sending({ digest })).toBe(expected)
  })
})
