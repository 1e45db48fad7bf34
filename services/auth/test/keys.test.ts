import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Logger } from '@common-purse/kit/logger'
import { createMetrics } from '@common-purse/kit/metrics'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { eventually } from '../../../tests/support/eventually.ts'
import { createTokenKey, type TokenKey } from '../../../tools/launcher/token-keys.ts'
import { type KeyRing, openKeyRing } from '../src/keys/key-ring.ts'
import { readTokenSigningKeys } from '../src/keys/token-signing-keys.ts'

let folder: string
let file: string
let ring: KeyRing | undefined
let logged: string[]
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'purse-ring-'))
  file = join(folder, 'keys.json')
  logged = []
})
afterEach(async () => {
  ring?.stop()
  await rm(folder, { recursive: true })
})

const log =
  (level: string) =>
  (...words: unknown[]) =>
    void logged.push(`${level} ${JSON.stringify(words)}`)
const logger = { info: log('info'), error: log('error') } as unknown as Logger
const errors = () => logged.filter((line) => line.startsWith('error'))

const write = (keys: TokenKey[]) => writeFile(file, JSON.stringify(keys))
const open = (keys: TokenKey[]) =>
  (ring = openKeyRing(
    { TOKEN_SIGNING_KEYS: readTokenSigningKeys(JSON.stringify(keys))!, TOKEN_SIGNING_KEYS_FILE: file },
    logger,
    createMetrics('auth'),
  ))
const kidsOf = (opened: KeyRing) => opened.all().map(({ kid }) => kid)
const untilKids = (opened: KeyRing, keys: TokenKey[]) =>
  eventually(
    () => Promise.resolve(kidsOf(opened).join()),
    (kids) => kids === keys.map(({ kid }) => kid).join(),
  )
const untilErrors = (count: number) =>
  eventually(
    () => Promise.resolve(errors()),
    (lines) => lines.length === count,
  )

test('a file that changed after the settings were read, and later, is followed', async () => {
  const [first, second, third] = [createTokenKey(), createTokenKey(), createTokenKey()]
  await write([second])
  const opened = open([first])
  await untilKids(opened, [second])
  await write([third, second])
  await untilKids(opened, [third, second])
})

test('a file that is spoilt or gone changes nothing and is told once, without a part of a key', async () => {
  const [key, next] = [createTokenKey(), createTokenKey()]
  await write([key])
  const opened = open([key])
  await writeFile(file, JSON.stringify([key, next]).slice(0, -1))
  await untilErrors(1)
  expect(kidsOf(opened)).toEqual([key.kid])
  await writeFile(file, JSON.stringify([key, key]))
  await untilErrors(2)
  expect(kidsOf(opened)).toEqual([key.kid])
  await rm(file)
  await untilErrors(3)
  expect(kidsOf(opened)).toEqual([key.kid])
  await write([next])
  await untilKids(opened, [next])
  for (const secret of [key, next].flatMap(({ d, x }) => [d, x]))
    expect(logged.join('\n')).not.toContain(String(secret))
  expect(errors()).toHaveLength(3)
})

test('a key is published at once and signs when its time has come', async () => {
  const old = createTokenKey()
  const next = createTokenKey(new Date(Date.now() + 1_500))
  await write([next, old])
  const opened = open([next, old])
  expect(kidsOf(opened)).toEqual([next.kid, old.kid])
  expect(opened.signing().kid).toBe(old.kid)
  await eventually(
    () => Promise.resolve(opened.signing().kid),
    (kid) => kid === next.kid,
  )
})
