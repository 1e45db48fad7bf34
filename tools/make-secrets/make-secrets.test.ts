import { execFileSync } from 'node:child_process'
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from '@jest/globals'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'purse-secrets-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const makeSecrets = () =>
  execFileSync(process.execPath, [join(import.meta.dirname, '../make-secrets.ts'), folder], {
    encoding: 'utf8',
  })

const read = () =>
  Object.fromEntries(
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ parentPath, name }) => [
        join(parentPath, name).slice(folder.length + 1),
        readFileSync(join(parentPath, name), 'utf8'),
      ]),
  )

test('makes every secret once, and leaves what was rotated alone', () => {
  expect(makeSecrets()).toMatch(/^(\d+) secrets are in .*, \1 of them new$/m)
  const made = read()
  expect(made['auth/bot_client_secret']).toBe(made['gateway/bot_client_secret'])
  expect(made['auth/signature_master_secrets']).toBe(made['gateway/signature_master_secrets'])
  expect(made['migrate/ledger_database_url']).toBe(made['ledger/database_url'])
  expect(new Set([made['auth/database_url'], made['ledger/database_url']]).size).toBe(2)

  const rotated = join(folder, 'auth/token_signing_keys')
  chmodSync(rotated, 0o644)
  writeFileSync(rotated, 'rotated')
  rmSync(join(folder, 'bot/redis_url'))
  expect(makeSecrets()).toContain(', 1 of them new')
  expect(read()).toEqual({ ...made, 'auth/token_signing_keys': 'rotated' })
})

test('what all secrets are made from is for its owner alone; nobody can write what is handed out', () => {
  makeSecrets()
  const modeOf = (path: string) => statSync(join(folder, path)).mode & 0o777
  expect(modeOf('secrets.json')).toBe(0o600)
  expect(modeOf('token-signing-keys.json')).toBe(0o600)
  for (const path of Object.keys(read()).filter((name) => name.includes('/')))
    expect({ path, mode: modeOf(path) }).toEqual({ path, mode: 0o444 })
})
