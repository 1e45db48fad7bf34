import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import pg from 'pg'
import type { AccessLine } from '../../libs/contracts/src/index.ts'
import { eventually } from '../support/eventually.ts'
import { givenFamily, type Family, type Person } from '../support/given.ts'
import { type House, startHouse } from '../support/house.ts'
import { refused } from '../support/refused.ts'

let house: House
let ours: Family
let theirs: Family

beforeAll(async () => {
  const plenty = '10000000/60'
  const env = { RATE_LIMIT_ADDRESS: plenty, RATE_LIMIT_USER: plenty, RATE_LIMIT_FAMILY: plenty }
  house = await startHouse({ services: ['auth', 'audit', 'gateway'], env })
  ours = await givenFamily(house, ['adult', 'child'])
  theirs = await givenFamily(house)
})
afterAll(() => house.stop())

/** The family's whole log as a person reads it, once it is as it should be; looking makes it longer. */
const linesOf = (reader: Person, isEnough: (lines: AccessLine[]) => boolean) =>
  eventually(async () => {
    const lines: AccessLine[] = []
    let cursor: string | null | undefined
    do {
      const query: { limit: string; cursor?: string } = { limit: '100', ...(cursor ? { cursor } : {}) }
      const page = await reader.audit.call('listAccessLines', { query })
      lines.push(...page.items)
      cursor = page.next_cursor
    } while (cursor)
    return lines
  }, isEnough)

const of = (who: Person, route: string) => (line: AccessLine) =>
  line.user_id === who.userId && line.route === `/api/v1/${route}`

test('reading the trail and the log leaves a line of who read', async () => {
  const { owner, adult } = ours.people as { owner: Person; adult: Person }
  for (const reader of [owner, adult]) {
    const { items } = await eventually(
      () => reader.audit.call('listAuditEvents', {}),
      (page) => page.items.length > 0,
    )
    await reader.audit.call('getAuditEvent', { params: { id: items[0]!.id } })
    await reader.audit.call('verifyAudit', {})
    await reader.audit.call('listAccessLines', { query: {} })
  }
  const routes = ['audit/events', 'audit/events/{id}', 'audit/verify', 'audit/access']
  const reads = [owner, adult].flatMap((reader) => routes.map((route) => of(reader, route)))
  const lines = await linesOf(owner, (found) => reads.every((isRead) => found.some(isRead)))
  for (const isRead of reads)
    expect(lines.find(isRead)).toMatchObject({ method: 'GET', status: 200, code: null, client: 'api' })
})

test('what was refused is there with its code, at the family of whoever asked', async () => {
  const { owner, child } = ours.people as { owner: Person; child: Person }
  await refused(child.audit.call('listAccessLines', { query: {} }), 'permission_denied')
  await refused(owner.auth.call('getFamily', { params: { id: theirs.id } }), 'not_found')
  const [denied, foreign] = [of(child, 'audit/access'), of(owner, 'families/{id}')]
  const lines = await linesOf(owner, (found) => found.some(denied) && found.some(foreign))
  expect(lines.find(denied)).toMatchObject({ status: 403, code: 'permission_denied' })
  expect(lines.find(foreign)).toMatchObject({ status: 404, code: 'not_found' })
  await theirs.owner.audit.call('getAuditHead', {})
  const seenByThem = await linesOf(theirs.owner, (found) => found.some(of(theirs.owner, 'audit/head')))
  expect(seenByThem.map(({ user_id: userId }) => userId)).not.toContain(owner.userId)
})

test('what nobody signed in for is kept and shown to no family', async () => {
  const answer = await fetch(`${house.urls.gateway}/api/v1/auth/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ email: `${randomUUID()}@example.org`, password: 'wrong horse battery' }),
  })
  expect(answer.status).toBe(401)
  await answer.arrayBuffer()
  const sql = new pg.Client({ connectionString: house.database.adminUrl })
  await sql.connect()
  const find = async () =>
    (
      await sql.query<object>('SELECT family_id, user_id, code FROM audit.access_log WHERE request_id = $1', [
        answer.headers.get('x-request-id'),
      ])
    ).rows
  expect(await eventually(find, (rows) => rows.length > 0)).toEqual([
    { family_id: null, user_id: null, code: 'credentials_invalid' },
  ])
  await sql.end()
  const logins = (await linesOf(ours.owner, (lines) => lines.length > 0)).filter(({ route }) =>
    route.endsWith('/auth/login'),
  )
  expect(logins).toEqual([])
})
