import { signRequest } from '@common-purse/client'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { type AuthHouse, givenOwner, refused, startAuthHouse } from './auth-house.ts'

let auth: AuthHouse
beforeAll(async () => {
  auth = await startAuthHouse()
})
afterAll(() => auth.stop())

describe('the bot’s own calls', () => {
  const target = '/api/v1/auth/telegram/authenticate'
  const sendSigned = async (
    change: { key?: { key_id: string; secret: string }; at?: number; sent?: string } = {},
  ) => {
    const body = JSON.stringify({ telegram_id: '111' })
    const headers = await signRequest(
      { method: 'POST', target, body },
      change.key ?? auth.bot.signingKey,
      change.at,
    )
    const answer = await fetch(auth.house.urls.auth + target, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: change.sent ?? body,
    })
    return (await answer.json()) as { code: string; server_time?: string }
  }

  test('need the bot’s signature', async () => {
    const body = { telegram_id: '111' }
    const { session, credentials } = await givenOwner(auth)
    for (const answer of [
      await auth.send('POST', target, { body }),
      await auth.send('POST', target, { body, headers: { authorization: `Bearer ${session.access_token}` } }),
    ]) {
      expect(answer.status).toBe(401)
      expect(((await answer.json()) as { code: string }).code).toBe('signature_missing')
    }
    await refused(auth.api.call('authenticateTelegram', { body, credentials }), 'signature_invalid')
    const { code } = await sendSigned({ key: { ...auth.bot.signingKey, secret: 'A'.repeat(43) } })
    expect(code).toBe('signature_invalid')
  })

  test('are signed over the body, and a minute ago at most', async () => {
    expect((await sendSigned()).code).toBe('telegram_not_linked')
    expect((await sendSigned({ sent: '{"telegram_id":"222"}' })).code).toBe('digest_mismatch')
    expect((await sendSigned({ at: Date.now() - 62_000 })).code).toBe('signature_expired')
    const ahead = await sendSigned({ at: Date.now() + 62_000 })
    expect(ahead.code).toBe('signature_expired')
    expect(Date.parse(ahead.server_time!)).not.toBeNaN()
  })

  test('name a wrong field', async () => {
    const { problem } = await refused(
      auth.api.call('startTelegramBinding', {
        body: { telegram_id: 'not-a-number', chat_id: '1' },
        credentials: auth.bot,
      }),
      'invalid_request',
    )
    expect(problem.errors[0]!.field).toBe('telegram_id')
    await refused(
      auth.api.call('authenticateTelegram', { body: { telegram_id: '1e3' }, credentials: auth.bot }),
      'invalid_request',
    )
  })
})
