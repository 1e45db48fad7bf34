import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import * as z from 'zod'
import { parseConfig, Secret, VersionedSecrets } from './config.ts'

// As good as random, and the same in every run.
let drawn = 0
const draw = () => createHash('sha256').update(String((drawn += 1)))
const random = () => draw().digest('base64url')
const settings = {
  NODE_ENV: z.enum(['development', 'test', 'production']).default('production'),
  KEY: Secret,
  KEYS: VersionedSecrets,
  DATABASE_URL: z.url(),
}
const password = random()
const strong = {
  KEY: random(),
  KEYS: `v2:${random()},v1:${random()}`,
  DATABASE_URL: `postgresql://role:${password}@db/purse`,
}

test('random secrets are taken, every time', () => {
  for (let round = 0; round < 500; round += 1)
    expect(parseConfig(settings, { ...strong, KEY: random(), KEYS: `v1:${random()}` })).toBeDefined()
  expect(parseConfig(settings, { ...strong, KEY: draw().digest('hex') })).toBeDefined()
})

describe('a secret that is no secret stops the start, with its name and without its value', () => {
  const weak = [
    'short',
    'A'.repeat(43),
    'abcdefghijklmnop'.repeat(3),
    // The example of docs/SIGNING.md: the bytes 0, 1, 2 …
    'AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8',
    'change-me-8f7d6a5b4c3e2d1f0a9b8c7d6e5f4a3b2c1d0',
  ]
  test.each(weak)('KEY=%s', (KEY) => {
    expect(() => parseConfig(settings, { ...strong, KEY })).toThrow(/^ {2}KEY: Expected/m)
    expect(() => parseConfig(settings, { ...strong, KEY })).not.toThrow(KEY)
  })
  test.each(weak)('KEYS=v1:%s', (key) => {
    expect(() => parseConfig(settings, { ...strong, KEYS: `v2:${random()},v1:${key}` })).toThrow(
      /^ {2}KEYS:/m,
    )
  })
  test('none at all', () => {
    expect(() => parseConfig(settings, {})).toThrow(/^ {2}KEY: .*\n {2}KEYS: .*\n {2}DATABASE_URL: /m)
  })
})

describe('the password of a server', () => {
  const weak = ['postgres', 'short', 'password-password', 'abababababababab', 'change-me-please-now']
  test.each(weak)('%s is refused in production', (text) => {
    const env = { ...strong, DATABASE_URL: `postgresql://role:${text}@db/purse` }
    expect(() => parseConfig(settings, env)).toThrow(/^ {2}DATABASE_URL: Expected a password/m)
    expect(() => parseConfig(settings, { ...env, NODE_ENV: 'production' })).toThrow('DATABASE_URL')
    expect(parseConfig(settings, { ...env, NODE_ENV: 'development' })).toBeDefined()
  })
  test('none is needed where the server knows its clients by other means', () => {
    const DATABASE_URL = 'postgresql://role@db/purse?sslcert=client.pem'
    expect(parseConfig(settings, { ...strong, DATABASE_URL })).toMatchObject({ DATABASE_URL })
  })
})

describe('NAME_FILE', () => {
  const { KEY, ...others } = strong
  const withFile = <T>(text: string, use: (file: string) => T): T => {
    const folder = mkdtempSync(join(tmpdir(), 'purse-config-'))
    try {
      writeFileSync(join(folder, 'key'), text)
      return use(join(folder, 'key'))
    } finally {
      rmSync(folder, { recursive: true })
    }
  }
  test('is read, without the line end that editors add', () => {
    const config = withFile(`${KEY}\n`, (KEY_FILE) => parseConfig(settings, { ...others, KEY: '', KEY_FILE }))
    expect(config.KEY).toBe(KEY)
  })
  test('is held to the same rules', () => {
    const parse = (KEY_FILE: string) => parseConfig(settings, { ...others, KEY_FILE })
    expect(() => withFile('short', parse)).toThrow(/^ {2}KEY: Expected/m)
    expect(() => withFile('', parse)).toThrow(/^ {2}KEY: Expected/m)
  })
  test('that is not there is named', () => {
    expect(() => parseConfig(settings, { ...others, KEY_FILE: '/nowhere/key' })).toThrow(
      /^ {2}KEY_FILE: ENOENT/m,
    )
  })
})
