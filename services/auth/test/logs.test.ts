import { randomBytes } from 'node:crypto'
import { createClient } from '@common-purse/client'
import { createLogger } from '@common-purse/kit/logger'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { Secret, TOTP } from 'otpauth'
import { startTcpProxy, type TcpProxy } from '../../gateway/test/support/tcp-proxy.ts'
import { loadConfig } from '../src/config.ts'
import { startAuth } from '../src/start.ts'
import {
  type AuthHouse,
  credentialsOf,
  newEmail,
  newPassword,
  refused,
  startAuthHouse,
} from './auth-house.ts'

let auth: AuthHouse
let proxy: TcpProxy
let loud: Awaited<ReturnType<typeof startAuth>>
const lines: string[] = []
const secrets = new Set<string>()

/** The service a second time on the same database; its log is kept. */
beforeAll(async () => {
  auth = await startAuthHouse()
  const url = new URL(auth.house.database.urlOf('auth'))
  proxy = await startTcpProxy({ host: url.hostname, port: Number(url.port) })
  url.host = `127.0.0.1:${proxy.port}`
  const env = { ...auth.house.env, DATABASE_URL: url.href, LOG_LEVEL: 'trace' }
  const logger = createLogger('auth', env.LOG_LEVEL, { write: (line: string) => void lines.push(line) })
  loud = await startAuth(loadConfig(env), logger)
})
afterAll(async () => {
  await loud.stop()
  await proxy.stop()
  await auth.stop()
})

const api = () => createClient({ baseUrl: loud.url })
/** Remembers it as something that must not be seen. */
const hide = <Text extends string>(secret: Text): Text => {
  secrets.add(secret)
  return secret
}

async function allThatHasSecrets() {
  const [email, password] = [hide(newEmail()), hide(newPassword())]
  const register = (body: { family_name: string } | { invitation_token: string }, address = email) =>
    api().call('register', { body: { email: address, password, display_name: 'Ann', ...body } })
  const session = await register({ family_name: 'The Anns' })
  const keep = (given: typeof session) => {
    for (const secret of [given.access_token, given.refresh_token, given.signing_key.secret]) hide(secret)
    return { credentials: credentialsOf(given) }
  }
  const by = keep(session)
  keep(await api().call('login', { body: { email, password } }))
  keep(await api().call('refreshToken', { body: { refresh_token: session.refresh_token } }))
  const invitation = await api().call('createInvitation', {
    params: { id: session.family.id },
    body: { role: 'child', email: hide(newEmail()) },
    ...by,
  })
  hide(invitation.token)
  await refused(register({ invitation_token: invitation.token }, hide(newEmail())), 'not_found')
  const telegram_id = String(BigInt(`0x${randomBytes(6).toString('hex')}`))
  const { code } = await api().call('startTelegramBinding', {
    body: { telegram_id, chat_id: telegram_id },
    credentials: auth.bot,
  })
  await api().call('confirmTelegramBinding', { body: { code: hide(code) }, ...by })
  const { secret, otpauth_uri } = await api().call('enrollTotp', { body: {}, ...by })
  hide(otpauth_uri)
  const totp = () => hide(new TOTP({ secret: Secret.fromBase32(hide(secret)) }).generate())
  const { recovery_codes } = await api().call('verifyTotp', { body: { code: totp() }, ...by })
  recovery_codes.forEach(hide)
  keep(await api().call('login', { body: { email, password, totp: recovery_codes[0]! } }))
  const next = hide(newPassword())
  await api().call('changePassword', { body: { current_password: password, new_password: next }, ...by })
  return { email, password, next, session, by, code, recovery: recovery_codes[1]! }
}

type Done = Awaited<ReturnType<typeof allThatHasSecrets>>

/** The same calls where each is refused, or cannot be answered. */
const attempts = ({ email, password, next, session, by, code, recovery }: Done) => [
  api().call('login', { body: { email, password } }),
  api().call('login', { body: { email, password: hide(newPassword()), totp: recovery } }),
  api().call('register', { body: { email, password: next, display_name: 'Ann', family_name: 'X' } }),
  api().call('refreshToken', { body: { refresh_token: `${session.refresh_token}x` } }),
  api().call('changePassword', { body: { current_password: password, new_password: 'password1234' }, ...by }),
  api().call('changePassword', {
    body: { current_password: password, new_password: hide(newPassword()) },
    ...by,
  }),
  api().call('enrollTotp', { body: { password }, ...by }),
  api().call('verifyTotp', { body: { code: '000000' }, ...by }),
  api().call('confirmTelegramBinding', { body: { code }, ...by }),
  api().call('acceptInvitation', { body: { token: hide(newPassword()) }, ...by }),
  api().call('getMe', { credentials: { accessToken: `${session.access_token}x` } }),
]

const settled = async (done: Done) => {
  const outcomes = await Promise.allSettled(attempts(done))
  return outcomes.map((outcome) =>
    outcome.status === 'fulfilled' ? 200 : (outcome.reason as { problem: { status: number } }).problem.status,
  )
}

function expectNothingSeen() {
  const log = lines.join('')
  for (const secret of secrets) expect(log.includes(secret) && secret).toBe(false)
}

let done: Done

test('no secret is in the log when all goes well, nor when all is refused', async () => {
  done = await allThatHasSecrets()
  for (const status of await settled(done)) {
    expect(status).toBeGreaterThanOrEqual(400)
    expect(status).toBeLessThan(500)
  }
  expect(secrets.size).toBeGreaterThan(30)
  expectNothingSeen()
})

test('nor when the database refuses a row and tells which', async () => {
  await auth.rows('ALTER TABLE auth.users ADD CONSTRAINT not_him CHECK (display_name <> $$Him$$)')
  const email = hide(newEmail())
  const body = { email, password: hide(newPassword()), display_name: 'Him', family_name: 'X' }
  await refused(api().call('register', { body }), 'internal')
  expect(lines.join('')).toContain('not_him') // it is logged what went wrong
  expectNothingSeen()
})

test('nor when the database is away', async () => {
  proxy.cut()
  for (const status of await settled(done)) expect([503, 401]).toContain(status)
  expect(lines.join('')).toContain('The database cannot be reached')
  expectNothingSeen()
  proxy.heal()
})
