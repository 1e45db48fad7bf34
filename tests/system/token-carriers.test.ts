import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import pg from 'pg'
import type { ProblemDocument } from '../../libs/contracts/src/index.ts'
import { sendRaw } from '../support/raw-http.ts'
import { givenFamily, type Person } from '../support/given.ts'
import { type House, startHouse } from '../support/house.ts'
import { tokenForge, type TokenForge } from '../support/token-forge.ts'
import { unlimited } from '../support/unlimited.ts'

let house: House
let database: pg.Client
let owner: Person
let forge: TokenForge
beforeAll(async () => {
  house = await startHouse({ services: ['auth', 'ledger', 'audit', 'gateway'], env: unlimited })
  database = new pg.Client({ connectionString: house.database.adminUrl })
  await database.connect()
  owner = (await givenFamily(house)).owner
  forge = tokenForge(house, () => owner.session)
})
afterAll(async () => {
  await database.end()
  await house.stop()
})

const doors = [
  ['the gateway', () => house.urls.gateway, '/api/v1/accounts'],
  ['auth', () => house.urls.auth, '/api/v1/auth/me'],
  ['ledger', () => house.urls.ledger, '/api/v1/accounts'],
  ['audit', () => house.urls.audit, '/api/v1/audit/head'],
] as const

const good = () => owner.session.access_token
const codeOf = (text: string) => (JSON.parse(text) as Partial<ProblemDocument>).code
const ask = async (url: string, token: string) => {
  const answer = await fetch(url, { headers: { authorization: `Bearer ${token}` } })
  return [answer.status, codeOf(await answer.text())]
}
/** The lines of the header as they are, in a request of their own. */
const askRaw = (url: string, path: string, ...lines: string[]) =>
  sendRaw(url, [`GET ${path} HTTP/1.1`, 'Host: purse', ...lines, 'Connection: close', '', ''].join('\r\n'))

/** How many changes there are of anything. */
const changes = async (): Promise<unknown> =>
  (
    await database.query(
      'SELECT (SELECT count(*) FROM auth.outbox) AS auth, (SELECT count(*) FROM ledger.outbox) AS ledger',
    )
  ).rows[0]

describe.each(doors)('%s', (name, url, path) => {
  test.each([
    ['two spaces', () => `Authorization: Bearer  ${good()}`],
    ['a tab', () => `Authorization: Bearer\t${good()}`],
    ['no scheme', () => `Authorization: ${good()}`],
    ['another scheme', () => `Authorization: Basic ${Buffer.from('ann:secret').toString('base64')}`],
    ['a scheme that only begins like ours', () => `Authorization: BearerX ${good()}`],
    ['the scheme alone', () => 'Authorization: Bearer'],
    ['nothing', () => 'Authorization:'],
    ['two tokens in one header', () => `Authorization: Bearer ${good()}, Bearer ${good()}`],
    ['a parameter behind', () => `Authorization: Bearer ${good()};realm=x`],
    ['a space inside', () => `Authorization: Bearer ${good().replace('.', ' .')}`],
    ['a letter that is no ASCII', () => `Authorization: Bearer ${good()}é`],
    ['quotes', () => `Authorization: Bearer "${good()}"`],
    ['percent-encoding', () => `Authorization: Bearer ${good().replaceAll('.', '%2E')}`],
    ['12 kB', () => `Authorization: Bearer a.${'b'.repeat(12_000)}.c`],
  ])('refuses %s as token_invalid', async (_what, line) => {
    const answer = await askRaw(url(), path, line())
    expect([answer.status, codeOf(answer.body)]).toEqual([401, 'token_invalid'])
  })

  test.each([
    ['in the address', '?access_token=', (target: string) => target + good()],
    ['in the address, under its other name', '?authorization=', (target: string) => target + good()],
  ])('does not read a token %s', async (_where, query, make) => {
    const answer = await fetch(url() + make(path + query))
    expect([answer.status, codeOf(await answer.text())]).toEqual([401, 'unauthenticated'])
  })

  test.each([
    ['X-Authorization', () => `X-Authorization: Bearer ${good()}`],
    ['X-Access-Token', () => `X-Access-Token: ${good()}`],
    ['Proxy-Authorization', () => `Proxy-Authorization: Bearer ${good()}`],
    ['Cookie', () => `Cookie: access_token=${good()}; Authorization=Bearer ${good()}`],
    ['X-User-Id and its like', () => `X-User-Id: ${owner.userId}\r\nX-Role: owner\r\nX-Family-Id: x`],
  ])('does not read a token in %s', async (_where, line) => {
    const answer = await askRaw(url(), path, line())
    expect([answer.status, codeOf(answer.body)]).toEqual([401, 'unauthenticated'])
  })

  test('does not care for space around the header’s value, nor for its name’s case', async () => {
    for (const line of [`Authorization:   Bearer ${good()}  `, `AUTHORIZATION:Bearer ${good()}`])
      expect((await askRaw(url(), path, line)).status).toBe(200)
  })

  test.each([
    ['a line break inside', () => `Authorization: Bearer ${good().slice(0, 40)}\n${good().slice(40)}`],
    ['a folded line', () => `Authorization: Bearer\r\n ${good()}`],
    ['a NUL', () => `Authorization: Bearer ${good()}\0`],
    ['a space before the colon', () => `Authorization : Bearer ${good()}`],
  ])('takes %s for no HTTP at all', async (_what, line) => {
    expect((await askRaw(url(), path, line())).status).toBe(400)
  })

  test('64 kB are more than headers may have', async () => {
    const answer = await askRaw(url(), path, `Authorization: Bearer ${'a'.repeat(65_536)}`)
    expect(answer.status).toBe(name === 'the gateway' ? 400 : 431)
    if (name === 'the gateway') expect(codeOf(answer.body)).toBe('invalid_request')
  })

  test('of two headers the second never counts', async () => {
    const [right, wrong] = [`Authorization: Bearer ${good()}`, `Authorization: Bearer ${good()}x`]
    for (const lines of [
      [wrong, right],
      [right, right],
    ]) {
      const answer = await askRaw(url(), path, ...lines)
      if (name === 'the gateway')
        expect([answer.status, codeOf(answer.body)]).toEqual([400, 'invalid_request'])
      else expect(answer.status).toBe(lines[0] === right ? 200 : 401)
    }
  })

  test('never follows an address in a token', async () => {
    let asked = 0
    const theirs = { ...forge.strangersJwk, kid: 'theirs', alg: 'EdDSA', use: 'sig' }
    const server = createServer((_req, res) => (asked++, void res.end(JSON.stringify({ keys: [theirs] }))))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/keys`
    try {
      for (const header of [
        { jku: address },
        { x5u: address },
        { jku: address, x5u: address, crit: ['jku'] },
      ])
        for (const kid of ['theirs', address, forge.ours.kid, undefined]) {
          const token = forge.token({ header: { ...header, kid }, key: forge.strangersKey })
          expect(await ask(url() + path, token)).toEqual([401, 'token_invalid'])
        }
      expect(await ask(url() + path, forge.token({ claims: { iss: address } }))).toEqual([
        401,
        'token_invalid',
      ])
      expect(asked).toBe(0)
    } finally {
      server.close()
      server.closeAllConnections()
    }
  })

  test('answers good tokens while it is flooded with unknown key ids', async () => {
    const fresh = () => forge.token({ claims: { jti: crypto.randomUUID() } }) // none that it remembers
    const unknown = (index: number) =>
      forge.token({ header: { kid: `no-${index}` }, key: forge.strangersKey })
    const answers = await Promise.all(
      Array.from({ length: 200 }, (_, index) => [
        ask(url() + path, unknown(index)),
        ask(url() + path, fresh()),
      ]).flat(),
    )
    const codes = answers.map(([status, code]) => `${String(status)} ${String(code)}`)
    expect(codes.filter((_, index) => index % 2 === 0)).toEqual(Array(200).fill('401 token_invalid'))
    expect(codes.filter((_, index) => index % 2 === 1)).toEqual(Array(200).fill('200 undefined'))
  })
})

describe('a token in the body', () => {
  test.each([
    ['the gateway', () => house.urls.gateway],
    ['ledger', () => house.urls.ledger],
  ])('says nothing to %s', async (_name, url) => {
    const before = await changes()
    for (const type of ['application/json', 'application/x-www-form-urlencoded']) {
      const answer = await fetch(`${url()}/api/v1/accounts`, {
        method: 'POST',
        headers: { 'content-type': type, 'idempotency-key': crypto.randomUUID() },
        body: type.endsWith('json') ? JSON.stringify({ access_token: good() }) : `access_token=${good()}`,
      })
      expect([answer.status, codeOf(await answer.text())]).toEqual([401, 'unauthenticated'])
    }
    expect(await changes()).toEqual(before)
  })
})
