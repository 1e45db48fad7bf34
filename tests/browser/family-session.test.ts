import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { createClient } from '../../libs/client/src/index.ts'
import { givenAccount, givenFamily, type Person } from '../support/given.ts'
import { totpOf } from '../support/totp.ts'
import { type BrowserHouse, startBrowserHouse } from './support/browser-house.ts'
import { atLeast, openTab, PAGE_TEST_MS } from './support/browser.ts'
import { button, openAs, part, signIn, typeSpending } from './support/family-page.ts'

let at: BrowserHouse
beforeAll(async () => {
  at = await startBrowserHouse({ services: ['auth', 'ledger', 'audit', 'gateway'] })
}, PAGE_TEST_MS)
afterAll(() => at?.stop())

test(
  'two-step sign-in is turned on by a picture or a secret, asked for, and turned off again',
  async () => {
    const { owner } = await givenFamily(at.house)
    const { page, complaints, context } = await openAs(at.browser, at.url, owner)
    await page.getByRole('link', { name: 'Settings' }).click()
    const panel = part(page, 'Two-step sign-in')
    await button(panel, 'Turn on').click()
    await panel.getByRole('img', { name: 'QR code for your authenticator' }).waitFor()
    const secret = await panel.getByLabel('Or type in this secret', { exact: true }).inputValue()
    await panel.getByLabel('The six digits').fill(totpOf(secret))
    await button(panel, 'Turn on').click()
    await button(panel, 'I have kept them').waitFor()
    const codes = await panel.getByRole('listitem').allInnerTexts()
    expect(codes.length).toBeGreaterThan(4)
    await button(panel, 'I have kept them').click()
    await panel.getByText(/^On: signing in needs a code/).waitFor()
    expect(complaints).toEqual([])

    await button(page, 'Sign out').click()
    await page.getByText('You have signed out.').waitFor()
    await signIn(page, owner)
    await page.getByLabel('Code').fill(codes[0]!)
    await button(page, 'Sign in').click()
    await panel.getByText('Turn off').first().click()
    await panel.getByLabel('Password').fill(owner.password)
    await panel.getByLabel(/^Code of the authenticator/).fill(codes[1]!)
    await button(panel, 'Turn off').click()
    await page.getByText('Two-step sign-in is off.').waitFor()
    expect((await owner.auth.call('getMe')).totp_enabled).toBe(false)
    expect(await atLeast(1, complaints)).toEqual(['401 /api/v1/auth/login'])
    await context.close()
  },
  PAGE_TEST_MS,
)

/** Everything that a script in the page can read of what is kept, as text. */
const readable = `(async () => {
  const open = indexedDB.open('common-purse')
  await new Promise((resolve) => open.addEventListener('success', resolve))
  const get = open.result.transaction('session').objectStore('session').getAll()
  await new Promise((resolve) => get.addEventListener('success', resolve))
  open.result.close()
  const rows = get.result.map((row) => ({
    ...row, iv: [...row.iv].join(), sealed: String.fromCharCode(...new Uint8Array(row.sealed)), key: row.key.extractable }))
  return JSON.stringify([rows, { ...localStorage }, { ...sessionStorage }, document.cookie])
})()`

test(
  'the tabs of a browser share a session that scripts cannot read, and its end wherever it comes from',
  async () => {
    const { owner } = await givenFamily(at.house)
    const { page, context } = await openAs(at.browser, at.url, owner)
    const renewed = page.waitForResponse('**/auth/token/refresh')
    const other = await openTab(context, at.url)
    await button(other.page, 'Sign out').waitFor()
    await page.reload()
    await button(page, 'Sign out').waitFor()
    const { refresh_token, signing_key } = (await (await renewed).json()) as typeof owner.session
    const kept = await page.evaluate<string>(readable)
    expect(kept).toContain('"key":false')
    for (const value of [refresh_token, signing_key.secret]) expect(kept).not.toContain(value)

    await page.getByRole('link', { name: 'Settings' }).click()
    const sessions = part(page, 'Where you are signed in')
    await sessions.getByText('this one').waitFor()
    expect(await sessions.getByRole('listitem').count()).toBe(2)
    await button(sessions, /^End the session/).click()
    await page.getByText('The session is ended.').waitFor()

    await button(page, 'Sign out').click()
    await other.page.getByText('You have signed out.').waitFor()
    await signIn(other.page, owner)
    await button(page, 'Sign out').waitFor() // the first tab follows
    await part(page, 'Where you are signed in').waitFor()
    await endAll(owner)
    await other.page.getByText(/^Your session was ended/).waitFor()
    await page.getByText(/^Your session was ended/).waitFor()
    expect(await page.evaluate<string>(readable)).toContain('[[]')
    await context.close()
  },
  PAGE_TEST_MS,
)

/** Ends every session of somebody from a further one. */
async function endAll({ email, password }: Pick<Person, 'email' | 'password'>): Promise<void> {
  const client = createClient({ baseUrl: at.url })
  const session = await client.call('login', { body: { email, password } })
  const credentials = { accessToken: session.access_token, signingKey: session.signing_key }
  await client.call('logout', { body: { scope: 'global' }, credentials })
}

test(
  'a new password ends the other sessions, and the one it was changed in goes on',
  async () => {
    const { owner } = await givenFamily(at.house)
    const here = await openAs(at.browser, at.url, owner)
    const there = await openAs(at.browser, at.url, owner)
    await here.page.getByRole('link', { name: 'Settings' }).click()
    const panel = part(here.page, 'Password')
    await panel.getByLabel('Password now').fill(owner.password)
    await panel.getByLabel('New password').fill('another long and private one')
    await button(panel, 'Change password').click()
    await here.page.getByText(/^The password is changed\./).waitFor()
    await there.page.getByText(/^Your session was ended/).waitFor()
    await here.page.reload()
    await button(here.page, 'Sign out').waitFor()
    await here.context.close()
    await there.context.close()
  },
  PAGE_TEST_MS,
)

test(
  'without a network the page says so, and what was pressed twice is done once',
  async () => {
    const { owner } = await givenFamily(at.house)
    await givenAccount(owner, { opening_balance: '20.00' })
    const { page, context } = await openAs(at.browser, at.url, owner)
    const form = await typeSpending(page, { amount: '2.50', what: 'ice' })
    await form.getByText('Leaves €17.50 in Wallet.').waitFor()
    await context.setOffline(true)
    await button(form, 'Spend').click()
    await form.getByText(/^The server cannot be reached\..* it will not be done twice\.$/).waitFor()
    await context.setOffline(false)
    await button(form, 'Spend').click()
    await form.getByText('Done: €2.50.').waitFor()
    await part(page, 'Accounts').getByText('€17.50 available').waitFor()
    expect((await owner.ledger.call('listTransactions')).items).toHaveLength(1)
    await context.close()
  },
  PAGE_TEST_MS,
)

test(
  'a part of the system that is away is named in words, with the request to ask about',
  async () => {
    const lame = await startBrowserHouse({ services: ['auth', 'audit', 'gateway'] })
    try {
      const { owner } = await givenFamily(lame.house)
      const { page, context } = await openAs(lame.browser, lame.url, owner)
      const alert = page.getByRole('alert').first()
      await alert.getByText(/^A part of the system is not answering\./).waitFor()
      await alert.getByText(/^Request [\w-]+/).waitFor()
      await button(alert, 'Try again').waitFor()
      await context.close()
    } finally {
      await lame.stop()
    }
  },
  PAGE_TEST_MS,
)
