import { RevocationPage } from '@common-purse/contracts'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { type AuthHouse, givenOwner, startAuthHouse } from './auth-house.ts'

let auth: AuthHouse
beforeAll(async () => {
  auth = await startAuthHouse()
})
afterAll(() => auth.stop())

const ask = (query: string) => fetch(`${auth.house.opsUrls['auth']}/revocations${query}`)
const page = async (query: string) => RevocationPage.parse(await (await ask(query)).json())

/** Signs somebody in and out again; answers the session. */
async function endedSession(): Promise<string> {
  const owner = await givenOwner(auth)
  await auth.api.call('logout', { body: { scope: 'local' }, credentials: owner.credentials })
  return owner.session.session_id
}

describe('what was revoked', () => {
  test('in so many seconds by the database’s clock, and since the instant that the answer tells', async () => {
    const session = await endedSession()
    const { items, until } = await page('?last=960')
    expect(items).toContainEqual(expect.objectContaining({ kind: 'session', session_id: session }))
    const next = await endedSession()
    const later = await page(`?since=${until}`)
    expect(later.items).toContainEqual(expect.objectContaining({ session_id: next }))
  })

  test('longer ago than that is left out', async () => {
    const session = await endedSession()
    await auth.rows(
      `UPDATE auth.outbox SET created_at = created_at - interval '1 hour' WHERE payload->'data'->>'entity_id' = $1`,
      [session],
    )
    const { items } = await page('?last=960')
    expect(items).not.toContainEqual(expect.objectContaining({ session_id: session }))
    expect((await page('?last=7200')).items).toContainEqual(expect.objectContaining({ session_id: session }))
  })

  test('comes with the time of the database', async () => {
    const [before] = await auth.rows<{ ms: number }>(
      'SELECT extract(epoch FROM clock_timestamp())::float * 1000 AS ms',
    )
    const { now } = await page('?last=1')
    const [after] = await auth.rows<{ ms: number }>(
      'SELECT extract(epoch FROM clock_timestamp())::float * 1000 AS ms',
    )
    expect(Date.parse(now)).toBeGreaterThanOrEqual(Math.floor(before!.ms))
    expect(Date.parse(now)).toBeLessThanOrEqual(Math.ceil(after!.ms))
  })

  test.each(['', '?last=-1', '?last=a', '?since=yesterday'])('is not told to %s', async (query) => {
    expect((await ask(query)).status).toBe(400)
  })
})
