import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { programNames, settingsOf } from '../../tools/configuration/all-settings.ts'
import { commandSettings } from '../../tools/configuration/command-settings.ts'
import { configurationFiles } from '../../tools/configuration/write-configuration.ts'

const root = join(import.meta.dirname, '../..')
const names = (text: string, pattern: RegExp) =>
  [...new Set([...text.matchAll(pattern)].map(([, name]) => name!))].sort()

test('.env.example and docs/CONFIGURATION.md are what the schemas say: npm run generate', async () => {
  for (const [path, text] of Object.entries(await configurationFiles()))
    expect({ path, text: readFileSync(join(root, path), 'utf8') }).toEqual({ path, text })
})

test.each(programNames)('each setting of %s has a line that says what it does', async (program) => {
  const settings = await settingsOf(program)
  expect(settings.length).toBeGreaterThan(2)
  expect(settings.filter(({ text }) => text.length < 10).map(({ name }) => name)).toEqual([])
})

test('no secret has a default, and every one says how it is made', async () => {
  const settings = (await Promise.all(programNames.map(settingsOf))).flat()
  const looksSecret = settings.filter(({ name }) =>
    /SECRETS?$|_KEYS?$|BOT_TOKEN$|^(DATABASE|REDIS|NATS)_URL$/.test(name),
  )
  expect(looksSecret.length).toBeGreaterThan(10)
  expect(looksSecret.filter(({ secret }) => !secret).map(({ name }) => name)).toEqual([])
  const secrets = settings.filter(({ secret }) => secret !== undefined)
  expect(secrets.filter(({ fallback }) => fallback !== undefined)).toEqual([])
})

test('every variable that a command reads is known', async () => {
  const files = execFileSync(
    'git',
    ['ls-files', '-z', '--', 'tools', 'bench', 'libs/*/src/*', 'services/*/src/*'],
    {
      cwd: root,
      encoding: 'utf8',
    },
  )
  const code = files
    .split('\0')
    .filter((file) => /(?<!\.test)\.m?ts$/.test(file))
    .map((file) => readFileSync(join(root, file), 'utf8'))
    .join('\n')
  const read = names(code, /\benv\??\.?\[?'?\b([A-Z][A-Z_]{2,})\b/g)
  const settings = (await Promise.all(programNames.map(settingsOf))).flat()
  const known = new Set([
    ...settings.flatMap(({ name }) => [name, `${name}_FILE`]),
    ...Object.values(commandSettings).flatMap((list) => list.map(({ name }) => name)),
    'PATH', // the shell's
  ])
  expect(read).toContain('DATA_DIR')
  expect(read.filter((name) => !known.has(name))).toEqual([])
})
