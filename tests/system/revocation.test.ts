import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals'
import { createClient } from '../../libs/client/src/index.ts'
import type { ProblemDocument } from '../../libs/contracts/src/index.ts'
import { botKeyId } from '../../libs/kit/src/signing-keys.ts'
import { eventually } from '../support/eventually.ts'
import { type GatewayBeside, startGatewayBeside, through } from '../support/gateway-beside.ts'
import { type Family, givenFamily, type Person } from '../support/given.ts'
import { type House, startHouse } from '../support/house.ts'
import { required } from '../support/settings.ts'
import { startTcpProxy, type TcpProxy } from '../../services/gateway/test/support/tcp-proxy.ts'

jest.setTimeout(30_000)

let house: House
/** Between the auth service and the bus. */
let relayLine: TcpProxy
/** Hears by both ways; by asking alone; by the bus alone. */
let whole: GatewayBeside
let asking: GatewayBeside
let listening: GatewayBeside

beforeAll(async () => {
  const nats = new URL(required('TEST_NATS_URL'))
  relayLine = await startTcpProxy({ host: nats.hostname, port: Number(nats.port) })
  house = await startHouse({
    services: ['auth', 'ledger'],
    env: { NATS_URL: through(nats, relayLine), RATE_LIMIT_SIGN_UP: '1000/60' },
  })
  house.env['NATS_URL'] = nats.href
  whole = await startGatewayBeside(house)
  asking = await startGatewayBeside(house, { bus: true })
  listening = await startGatewayBeside(house, { internal: true })
}, 60_000)
afterAll(async () => {
  await Promise.all([whole, asking, listening].map((gateway) => gateway.stop()))
  await house.stop()
  await relayLine.stop()
})

/** What a gateway answers to a read with this token: its code, or its status. */
async function ask(gateway: GatewayBeside, { session }: Pick<Person, 'session'>): Promise<string | number> {
  const answer = await fetch(`${gateway.url}/api/v1/permissions`, {
    headers: { authorization: `Bearer ${session.access_token}` },
  })
  const body = (await answer.json()) as Partial<ProblemDocument>
  return body.code ?? answer.status
}
const revokedAt = (gateway: GatewayBeside, person: Pick<Person, 'session'>) =>
  eventually(
    () => ask(gateway, person),
    (code) => code === 'token_revoked',
    20_000,
  )

/** Runs a change through the whole gateway and expects the token to end at each of the three. */
async function endsEverywhere(person: Pick<Person, 'session'>, change: () => Promise<unknown>) {
  for (const gateway of [whole, asking, listening]) expect(await ask(gateway, person)).toBe(200)
  await change()
  await Promise.all([whole, asking, listening].map((gateway) => revokedAt(gateway, person)))
}

const visitor = () => createClient({ baseUrl: whole.url })
const signInAgain = async ({ email, password }: Person) => ({
  session: await visitor().call('login', { body: { email, password } }),
})
const family = (): Promise<Family> => givenFamily(whole.house, ['child'])

describe('at a gateway that hears by both ways, by asking alone, and by the bus alone, a token ends with', () => {
  test('signing out', async () => {
    const { owner } = await family()
    await endsEverywhere(owner, () => owner.auth.call('logout', { body: {} }))
  })

  test('the end of its session, and no other session ends', async () => {
    const { owner } = await family()
    const other = await signInAgain(owner)
    await endsEverywhere(other, () =>
      owner.auth.call('endSession', { params: { id: other.session.session_id } }),
    )
    expect(await ask(whole, owner)).toBe(200)
  })

  test('a change of the password, in all other sessions', async () => {
    const { owner } = await family()
    const other = await signInAgain(owner)
    await endsEverywhere(other, () =>
      owner.auth.call('changePassword', {
        body: { current_password: owner.password, new_password: `another ${crypto.randomUUID()}` },
      }),
    )
    expect(await ask(whole, owner)).toBe(200)
  })

  test('a change of the role, and a refresh gives one that works with the new role', async () => {
    const { id, owner, people } = await family()
    const child = people['child']!
    await endsEverywhere(child, () =>
      owner.auth.call('updateMember', { params: { id, user_id: child.userId }, body: { role: 'adult' } }),
    )
    const session = await visitor().call('refreshToken', {
      body: { refresh_token: child.session.refresh_token },
    })
    expect(session.family.role).toBe('adult')
    for (const gateway of [whole, asking, listening]) expect(await ask(gateway, { session })).toBe(200)
  })

  test('a removal from the family', async () => {
    const { id, owner, people } = await family()
    const child = people['child']!
    await endsEverywhere(child, () =>
      owner.auth.call('removeMember', { params: { id, user_id: child.userId } }),
    )
    expect(await ask(whole, owner)).toBe(200)
  })
})

test('what was committed and could not be published is heard by asking, and published afterwards', async () => {
  const { owner } = await family()
  relayLine.cut()
  try {
    await owner.auth.call('logout', { body: {} })
    await Promise.all([revokedAt(whole, owner), revokedAt(asking, owner)])
  } finally {
    relayLine.heal()
  }
  await revokedAt(listening, owner)
})

test.each([
  ['the bus', { bus: true }],
  ['the internal port', { internal: true }],
])('a gateway that starts without %s knows what was revoked before', async (_name, cut) => {
  const { owner } = await family()
  await owner.auth.call('logout', { body: {} })
  const late = await startGatewayBeside(house, cut)
  try {
    expect(await ask(late, owner)).toBe('token_revoked')
    expect(await ask(late, await family().then(({ owner: another }) => another))).toBe(200)
  } finally {
    await late.stop()
  }
})

describe('a gateway that hears by neither way', () => {
  const outage = (gateway: GatewayBeside, person: Person) =>
    eventually(
      () => ask(gateway, person),
      (code) => code === 'upstream_unavailable',
    )
  const well = (gateway: GatewayBeside, person: Person) =>
    eventually(
      () => ask(gateway, person),
      (code) => code === 200,
    )
  const readiness = async ({ opsUrl }: GatewayBeside) =>
    ((await (await fetch(`${opsUrl}/readyz`)).json()) as { checks: Record<string, string> }).checks[
      'revocations'
    ]

  test('lets nobody in, says when to try again, and goes on by itself with either way', async () => {
    const { owner } = await family()
    const gateway = await startGatewayBeside(house)
    try {
      for (const [away, back] of [
        [gateway.bus, gateway.internal],
        [gateway.internal, gateway.bus],
      ] as const) {
        expect(await ask(gateway, owner)).toBe(200)
        expect(await readiness(gateway)).toBe('ok')
        away.freeze()
        back.cut()
        await outage(gateway, owner)
        const answer = await fetch(`${gateway.url}/api/v1/permissions`, {
          headers: { authorization: `Bearer ${owner.session.access_token}` },
        })
        expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '1'])
        expect(await readiness(gateway)).toBe('unavailable')
        expect(await (await fetch(`${gateway.opsUrl}/metrics`)).text()).toMatch(
          /gateway_revocations_age_seconds\{.*\} [1-9]/,
        )
        back.heal()
        await well(gateway, owner)
        away.heal()
      }
    } finally {
      await gateway.stop()
    }
  }, 60_000)

  test('goes on with what needs no session: signing in, and the bot’s own calls', async () => {
    const { owner } = await family()
    const gateway = await startGatewayBeside(house, { bus: true, internal: true })
    try {
      expect(await ask(gateway, owner)).toBe('upstream_unavailable')
      const client = createClient({ baseUrl: gateway.url })
      await client.call('login', { body: { email: owner.email, password: owner.password } })
      const bot = await client.send({
        method: 'POST',
        target: '/api/v1/auth/telegram/authenticate',
        body: JSON.stringify({ telegram_id: '4711' }),
        credentials: { signingKey: { key_id: botKeyId, secret: house.env['BOT_CLIENT_SECRET']! } },
      })
      expect((bot.body as ProblemDocument).code).toBe('telegram_not_linked')
    } finally {
      await gateway.stop()
    }
  })
})
