import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { createClient } from '../../libs/client/src/index.ts'
import { botKeyId } from '../../libs/kit/src/signing-keys.ts'
import { givenFamily } from '../support/given.ts'
import { barriersIn } from './support/axe.ts'
import { type BrowserHouse, startBrowserHouse } from './support/browser-house.ts'
import { openPage, PAGE_TEST_MS, phone } from './support/browser.ts'
import { button, openAs, part, signIn } from './support/family-page.ts'

let at: BrowserHouse
beforeAll(async () => {
  at = await startBrowserHouse({ services: ['auth', 'audit', 'ledger', 'gateway'] })
}, PAGE_TEST_MS)
afterAll(() => at?.stop())

/** What the bot does at /start; answers where the link in its message leads. */
async function askToLink(telegram: { telegram_id: string; username?: string; first_name?: string }) {
  const signingKey = { key_id: botKeyId, secret: at.house.env['BOT_CLIENT_SECRET']! }
  const bot = createClient({ baseUrl: at.url, credentials: () => ({ signingKey }) })
  const body = { ...telegram, chat_id: telegram.telegram_id }
  const { link } = await bot.call('startTelegramBinding', { body })
  const { pathname, search } = new URL(link)
  return at.url + pathname + search
}

test(
  'a link from the bot is kept over the sign-in, shows whose it is, works once, and can be undone',
  async () => {
    const { owner } = await givenFamily(at.house)
    const link = await askToLink({ telegram_id: '7001', username: 'olga_t', first_name: 'Olga T.' })
    const { page, complaints } = await openPage(at.browser, link, phone)
    await page.getByText('Sign in to link your Telegram account.').waitFor()
    await signIn(page, owner)
    for (const text of ['Olga T.', '@olga_t', '7001']) await page.getByText(text, { exact: true }).waitFor()
    await page.getByText(/^Confirm only if this is your own account/).waitFor()
    expect(await barriersIn(page)).toEqual([])
    await button(page, 'Confirm').click()
    await page.getByText('Linked. Go back to Telegram.').waitFor()
    expect((await owner.auth.call('getMe')).telegram).toEqual({ telegram_id: '7001', username: 'olga_t' })

    await page.goto(link)
    await page.getByText('This link has expired or was used. Send /start to the bot again.').waitFor()
    expect(await barriersIn(page)).toEqual([])
    expect(complaints).toHaveLength(1)

    await page.goto(await askToLink({ telegram_id: '7002' }))
    await page.getByText('@olga_t is linked to you already. Unlink it in the settings first.').waitFor()
    await page.getByRole('link', { name: 'Settings' }).click()
    await button(part(page, 'Telegram'), 'Unlink').click()
    await button(page.getByRole('dialog', { name: 'Unlink Telegram?' }), 'Unlink').click()
    await part(page, 'Telegram')
      .getByText(/^Not linked\./)
      .waitFor()
    expect((await owner.auth.call('getMe')).telegram).toBeNull()
    await page.context().close()
  },
  PAGE_TEST_MS,
)

test(
  'who did not ask for it refuses, and a link that is none is explained',
  async () => {
    const { owner } = await givenFamily(at.house)
    const { page, context } = await openAs(at.browser, at.url, owner)
    await page.goto(await askToLink({ telegram_id: '7003', first_name: 'Stranger' }))
    await button(page, 'Not me').waitFor()
    expect(await barriersIn(page)).toEqual([])
    await button(page, 'Not me').click()
    await page.getByText(/^Nothing was linked\./).waitFor()
    expect((await owner.auth.call('getMe')).telegram).toBeNull()

    await page.goto(`${at.url}/link?code=${'x'.repeat(32)}`)
    await page.getByText(/^This link is not known\./).waitFor()
    await page.goto(`${at.url}/link`)
    await page.getByText(/^This link is not complete\./).waitFor()
    await context.close()
  },
  PAGE_TEST_MS,
)
