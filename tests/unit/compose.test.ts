import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import { parse } from 'yaml'
import { type Program, programNames, settingsOf } from '../../tools/configuration/all-settings.ts'
import { commandSettings } from '../../tools/configuration/command-settings.ts'
import { createSecrets } from '../../tools/launcher/secrets.ts'
import { createTokenKey } from '../../tools/launcher/token-keys.ts'
import { secretFiles } from '../../tools/make-secrets/secret-files.ts'
import { images } from '../../tools/servers/docker.ts'
import { serviceNames } from '../../tools/services.ts'
import { loadMigrateConfig } from '../../tools/start/migrate-config.ts'

interface Container {
  image?: string
  build?: { target?: string; args?: { SERVICE: string } }
  environment?: Record<string, unknown>
  ports?: string[]
  volumes?: (string | { source: string; volume?: { subpath: string } })[]
  read_only?: boolean
  cap_drop?: string[]
  security_opt?: string[]
  deploy?: { resources: { limits: { memory: string } } }
}

const root = join(import.meta.dirname, '../..')
const textOf = (path: string) => readFileSync(join(root, path), 'utf8')
const containersOf = (path: string) =>
  (parse(textOf(path), { merge: true }) as { services: Record<string, Container> }).services
const containers = containersOf('docker-compose.yml')
const files = secretFiles(createSecrets(), [createTokenKey()])

/** What compose makes of `${NAME}`, `${NAME:-else}`, `${NAME-else}` and `${NAME:+then}`, the inner ones first. */
function fill(text: string, given: Record<string, string>): string {
  const filled = text.replaceAll(
    /\$\{([A-Z_]+)(?:(:?-|:\+)([^${}]*))?\}/g,
    (_, name: string, how?: string, other?: string): string => {
      const value = given[name] ?? ''
      if (how === ':+') return value === '' ? '' : (other ?? '')
      return value === '' && how !== undefined ? (other ?? '') : value
    },
  )
  return filled === text ? text : fill(filled, given)
}

/** A container's environment as its program finds it, with the text of mounted secrets. */
function environmentOf(name: string, given: Record<string, string> = {}): Record<string, string> {
  const entries = Object.entries(containers[name]!.environment ?? {}).map(
    ([key, value]) => [key, fill(String(value), given)] as const,
  )
  const plain = Object.fromEntries(entries)
  const mounted = entries
    .filter(([key, value]) => key.endsWith('_FILE') && value.startsWith('/run/secrets/'))
    .map(
      ([key, value]) => [key.slice(0, -'_FILE'.length), files[value.replace('/run/secrets', name)]!] as const,
    )
    .filter(([key]) => !plain[key])
  return { ...plain, ...Object.fromEntries(mounted) }
}

const loadConfigOf = async (program: Program) => {
  if (program === 'migrate') return loadMigrateConfig
  const module = (await import(`../../services/${program}/src/config.ts`)) as {
    loadConfig: (env: NodeJS.ProcessEnv) => Record<string, unknown>
  }
  return module.loadConfig
}

describe.each(programNames)('%s', (program) => {
  test('gets settings that it knows, and all that it needs', async () => {
    const known = new Set((await settingsOf(program)).flatMap(({ name }) => [name, `${name}_FILE`]))
    const given = Object.keys(containers[program]!.environment ?? {})
    expect(given.filter((name) => !known.has(name))).toEqual([])
    const loadConfig = await loadConfigOf(program)
    expect(loadConfig(environmentOf(program))).toMatchObject({ NODE_ENV: 'production' })
  })

  test('does not start without a secret, or with a weak one, and names it', async () => {
    const loadConfig = await loadConfigOf(program)
    const whole = environmentOf(program)
    const secrets = (await settingsOf(program)).filter(({ name, secret }) => secret && whole[name])
    expect(secrets.length).toBeGreaterThan(0)
    for (const { name, required } of secrets) {
      const { [name]: given = '', ...others } = whole
      if (required) expect(() => loadConfig(others)).toThrow(name)
      const knownPassword = given.replace(/(?<=:)[^:@/]+(?=@)/, 'postgres')
      const weak = knownPassword === given ? given.slice(0, 35) : knownPassword
      for (const text of ['short', weak]) expect(() => loadConfig({ ...whole, [name]: text })).toThrow(name)
    }
  })

  test('sees its own secrets, each of them used', () => {
    const folders = (containers[program]!.volumes ?? []).flatMap((volume) =>
      typeof volume === 'object' && volume.source === 'secrets' ? [volume.volume?.subpath] : [],
    )
    expect(folders).toEqual([program])
    const own = Object.keys(files).filter((path) => path.startsWith(`${program}/`))
    const read = Object.values(containers[program]!.environment ?? {}).flatMap((value) =>
      String(value).startsWith('/run/secrets/') ? [String(value).replace('/run/secrets', program)] : [],
    )
    expect(own.length).toBeGreaterThan(0)
    expect(read.toSorted()).toEqual(own.toSorted())
  })
})

test('the bot goes to the emulator, and with a token to Telegram itself', async () => {
  const loadConfig = await loadConfigOf('bot')
  expect(loadConfig(environmentOf('bot'))).toMatchObject({ TELEGRAM_API_ROOT: 'http://telegram:8081' })
  const token = { TELEGRAM_BOT_TOKEN: `123456:${'Abc45'.repeat(7)}` }
  expect(loadConfig(environmentOf('bot', token))).toMatchObject({
    ...token,
    TELEGRAM_API_ROOT: 'https://api.telegram.org',
  })
})

test('the bot takes what Telegram brings once it is told where and with which secret', async () => {
  const loadConfig = await loadConfigOf('bot')
  const given = {
    TELEGRAM_WEBHOOK_URL: 'https://purse.example/telegram/updates',
    TELEGRAM_WEBHOOK_SECRET: createSecrets().botClientSecret,
  }
  const config: Record<string, unknown> = loadConfig(environmentOf('bot', given))
  expect(config).toMatchObject(given)
  expect(containers['bot']!.ports).toEqual([
    `127.0.0.1:\${WEBHOOK_PORT:-8083}:${Number(config['WEBHOOK_PORT'])}`,
  ])
  const { TELEGRAM_WEBHOOK_URL } = given
  expect(() => loadConfig(environmentOf('bot', { TELEGRAM_WEBHOOK_URL }))).toThrow('TELEGRAM_WEBHOOK_SECRET')
})

test('every image says which version it is', () => {
  const ours = Object.values({ ...containers, ...containersOf('deploy/compose/servers.yml') })
  const tags = ours.flatMap(({ image }) => (image ? [image] : []))
  expect(tags.length).toBeGreaterThan(8)
  expect(tags.filter((tag) => !/:(?:v?\d|\$\{PURSE_VERSION:-\d)/.test(tag))).toEqual([])
})

test.each(Object.keys(containers))(
  '%s can change nothing but its data, and is seen from here alone',
  (name) => {
    const { read_only, cap_drop, security_opt, deploy, ports = [] } = containers[name]!
    expect({ read_only, cap_drop, security_opt }).toEqual({
      read_only: true,
      cap_drop: ['ALL'],
      security_opt: ['no-new-privileges:true'],
    })
    if (name !== 'secrets') expect(deploy?.resources.limits.memory).toMatch(/^\d+[mg]$/)
    expect(ports.filter((port) => !port.startsWith('127.0.0.1:'))).toEqual([])
  },
)

test('no secret stands in the file, and each variable of it is known', () => {
  const text = textOf('docker-compose.yml')
  const variables = [...text.matchAll(/\$\{([A-Z_]+)/g)].map(([, name]) => name!)
  const known = commandSettings['docker compose'].map(({ name }) => name)
  expect([...new Set(variables)].toSorted()).toEqual(known.toSorted())
  expect(text).not.toMatch(
    /(PASSWORD|SECRETS?|KEYS?|TOKEN): (?!\$\{TELEGRAM_(?:BOT_TOKEN|WEBHOOK_SECRET):-\})\S/,
  )
})

test('the servers are the same for docker compose, npm start and the tests', () => {
  const servers = containersOf('deploy/compose/servers.yml')
  expect(Object.fromEntries(Object.entries(servers).map(([name, { image }]) => [name, image]))).toEqual(
    images,
  )
})

test('an image is built for every service', () => {
  const stages = [...textOf('Dockerfile').matchAll(/ AS own-(\w+)$/gm)].map(([, name]) => name!)
  expect(stages.toSorted()).toEqual([...serviceNames].toSorted())
  const built = Object.values(containers).flatMap(({ build, image }) => (build ? [[image, build]] : []))
  for (const name of serviceNames)
    expect(built).toContainEqual([
      `common-purse/${name}:\${PURSE_VERSION:-0.1.0}`,
      { context: '.', args: { SERVICE: name } },
    ])
})
