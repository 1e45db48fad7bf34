import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { decodeJwt, decodeProtectedHeader } from 'jose'
import { createClient } from '../../libs/client/src/index.ts'
import type { Session } from '../../libs/contracts/src/index.ts'
import { createTokenKey } from '../../tools/launcher/token-keys.ts'
import { eventually } from '../support/eventually.ts'
import { givenFamily, type Person } from '../support/given.ts'
import { type House, startHouse } from '../support/house.ts'
import { refused } from '../support/refused.ts'
import { unlimited } from '../support/unlimited.ts'

const run = promisify(execFile)

let folder: string
let file: string
let house: House
let owner: Person
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'purse-keys-'))
  file = join(folder, 'keys.json')
  await writeFile(file, JSON.stringify([createTokenKey()]))
  house = await startHouse({
    services: ['auth', 'ledger', 'gateway'],
    env: {
      TOKEN_SIGNING_KEYS: '',
      TOKEN_SIGNING_KEYS_FILE: file,
      ...unlimited,
    },
  })
  owner = (await givenFamily(house)).owner
}, 60_000)
afterAll(async () => {
  await house.stop()
  await rm(folder, { recursive: true })
})

const rotate = async (...more: string[]) => {
  const { stdout } = await run(process.execPath, ['tools/rotate-keys.ts', '--file', file, ...more])
  return stdout
}
const keysOf = async () => (await createClient({ baseUrl: house.urls.auth }).call('getJwks')).keys
const signIn = () =>
  createClient({ baseUrl: house.urls.gateway }).call('login', {
    body: { email: owner.email, password: owner.password },
  })
const kidOf = (session: Session) => decodeProtectedHeader(session.access_token).kid
const accounts = (session: Session) =>
  createClient({ baseUrl: house.urls.gateway }).call('listAccounts', {
    credentials: { accessToken: session.access_token },
  })

describe('rotating the keys of the access tokens', () => {
  test('while people work fails nobody, and no token of before', async () => {
    const before = await signIn()
    let working = true
    const failures: unknown[] = []
    const count = { calls: 0 }
    const work = async (session: () => Session) => {
      while (working) {
        await accounts(session()).then(
          () => count.calls++,
          (error: unknown) => failures.push(error),
        )
      }
    }
    let latest = before
    const workers = [work(() => before), work(() => latest)]

    const printed = await rotate('--lead', '2')
    const keys = JSON.parse(await readFile(file, 'utf8')) as { d: string }[]
    for (const { d } of keys) expect(printed).not.toContain(d)
    // Published before it signs.
    await eventually(keysOf, (published) => published.length === 2)
    expect(kidOf(before)).toBe(kidOf(await signIn()))
    latest = await eventually(signIn, (session) => kidOf(session) !== kidOf(before))
    const reached = count.calls
    await eventually(
      async () => count.calls,
      (calls) => calls > reached + 50,
    )
    working = false
    await Promise.all(workers)
    expect(failures).toEqual([])
  }, 30_000)

  test('does not begin again before the new key signs', async () => {
    await rotate('--lead', '3600')
    await expect(rotate()).rejects.toThrow('under way')
  })

  test('ends the tokens of a key that was taken away, at the service that has it, at once', async () => {
    const session = await signIn()
    const left = (JSON.parse(await readFile(file, 'utf8')) as { kid: string }[]).filter(
      ({ kid }) => kid !== kidOf(session),
    )
    await writeFile(file, JSON.stringify(left))
    await eventually(keysOf, (published) => published.every(({ kid }) => kid !== kidOf(session)))
    const me = createClient({ baseUrl: house.urls.auth }).call('getMe', {
      credentials: { accessToken: session.access_token },
    })
    // What was verified within the last minute may still be let in elsewhere.
    await refused(me, 'token_invalid')
    expect(decodeJwt(session.access_token).sub).toBe(owner.userId)
    expect(left.map(({ kid }) => kid)).toContain(kidOf(await signIn()))
  })
})
