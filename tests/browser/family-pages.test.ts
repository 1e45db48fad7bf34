import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { type Family, givenAccount, givenFamily } from '../support/given.ts'
import { barriersIn } from './support/axe.ts'
import { type BrowserHouse, startBrowserHouse } from './support/browser-house.ts'
import { atLeast, desk, isTooWide, openPage, PAGE_TEST_MS, phone } from './support/browser.ts'
import { button, openAs, part, signIn, typeSpending } from './support/family-page.ts'

let at: BrowserHouse
let family: Family
beforeAll(async () => {
  at = await startBrowserHouse({ services: ['auth', 'ledger', 'audit', 'gateway'] })
  family = await givenFamily(at.house)
}, PAGE_TEST_MS)
afterAll(() => at?.stop())

test(
  'somebody signs in, opens an account, spends from it and signs out',
  async () => {
    const { owner } = family
    const { page, complaints } = await openPage(at.browser, `${at.url}/`)
    await signIn(page, { email: owner.email, password: 'not the password at all' })
    await page.getByText('The e-mail address or the password is wrong.').waitFor()
    await signIn(page, owner)
    await page.getByText('Olga · Owner').waitFor()

    const accounts = part(page, 'Accounts')
    await accounts.getByLabel('Name').fill('Sparschwein')
    await accounts.getByLabel('Money in it now').fill('20.00')
    await button(accounts, 'Open account').click()
    await accounts.getByText('€20.00 available').waitFor()

    await button(await typeSpending(page, { amount: '2.50', what: 'Eis & Käse' }), 'Spend').click()
    await accounts.getByText('€17.50 available').waitFor()
    await part(page, 'Latest transactions').getByText('Eis & Käse').waitFor()

    await button(page, 'Sign out').click()
    await page.getByText('You have signed out.').waitFor()
    expect(await atLeast(1, complaints)).toEqual(['401 /api/v1/auth/login'])
    await page.context().close()
  },
  PAGE_TEST_MS,
)

test.each([
  ['a phone', phone],
  ['a desk', desk],
])(
  'the pages fit on %s and keep nobody out, in light and in dark',
  async (_, viewport) => {
    const { owner } = await givenFamily(at.house, ['child'])
    await givenAccount(owner)
    const { page, complaints } = await openPage(at.browser, `${at.url}/`, viewport)
    const check = async () => expect([await isTooWide(page), await barriersIn(page)]).toEqual([false, []])
    await button(page, 'Sign in').waitFor()
    await check()
    await signIn(page, owner)
    await part(page, 'Latest transactions').waitFor()
    for (const more of ['Open an account', 'Invite somebody']) await page.getByText(more).click()
    await check()
    await button(page, 'Manage child').click()
    await page.getByRole('dialog').waitFor()
    await check()
    await page.keyboard.press('Escape')
    await page.getByRole('link', { name: 'Settings' }).click()
    await part(page, 'Where you are signed in').getByText('this one').waitFor()
    await button(page, 'Turn on').click()
    await page.getByRole('img', { name: 'QR code for your authenticator' }).waitFor()
    await check()
    await page.goBack()
    await part(page, 'Latest transactions').waitFor()
    // Among them would be whatever the content security policy has refused.
    expect(complaints).toEqual([])
    await page.context().close()
  },
  PAGE_TEST_MS,
)

test(
  'a keyboard is enough to sign in and to get past the head of the page',
  async () => {
    const { owner } = await givenFamily(at.house)
    const { page } = await openPage(at.browser, `${at.url}/`)
    await page.getByLabel('E-mail').focus()
    await page.keyboard.type(owner.email)
    await page.keyboard.press('Tab')
    await page.keyboard.type(owner.password)
    await page.keyboard.press('Enter')
    await button(page, 'Sign out').waitFor()
    await page.getByRole('link', { name: 'Skip to the content' }).focus()
    await page.keyboard.press('Enter')
    await page.locator('main:focus').waitFor()
    await page.context().close()
  },
  PAGE_TEST_MS,
)

test(
  'a browser that wants Russian gets it, with its numbers, and can have English',
  async () => {
    const { owner } = await givenFamily(at.house)
    await givenAccount(owner, { opening_balance: '1234.50' })
    const { page, complaints } = await openPage(at.browser, `${at.url}/`, phone, 'ru-RU')
    await page.getByLabel('Эл. почта').fill(owner.email)
    await page.getByLabel('Пароль').fill(owner.password)
    await button(page, 'Войти').click()
    await part(page, 'Счета').getByText('1 234,50 € доступно').waitFor()
    expect(await page.locator('html').getAttribute('lang')).toBe('ru')
    expect(await isTooWide(page)).toBe(false)
    await page.getByRole('link', { name: 'Настройки' }).click()
    await button(page, 'English').click()
    await page.getByRole('heading', { name: 'Settings' }).waitFor()
    await page.getByRole('link', { name: 'Money' }).click()
    await part(page, 'Accounts').getByText('€1,234.50 available').waitFor()
    expect(complaints).toEqual([])
    await page.context().close()
  },
  PAGE_TEST_MS,
)

test(
  'the pages come with a strict policy, are small, and are kept by the browser',
  async () => {
    const { page, context } = await openAs(at.browser, at.url, family.owner)
    const scripts: string[] = []
    page.on('response', (response) => {
      const { pathname } = new URL(response.url())
      if (pathname.endsWith('.js')) scripts.push(pathname)
    })
    await page.reload()
    await button(page, 'Sign out').waitFor()
    expect(scripts).toHaveLength(1) // the settings are not among them
    await context.close()

    const head = await fetch(at.url)
    const policy = head.headers.get('content-security-policy')!
    expect(policy).not.toMatch(/unsafe|\*|https?:/)
    for (const rule of [
      "default-src 'none'",
      "script-src 'self'",
      "connect-src 'self'",
      "frame-ancestors 'none'",
    ])
      expect(policy.split('; ')).toContain(rule)
    const script = await fetch(at.url + scripts[0]!, { headers: { 'accept-encoding': 'br' } })
    expect(script.headers.get('cache-control')).toBe('public, max-age=31536000, immutable')
    expect(script.headers.get('content-encoding')).toBe('br')
    expect(Number(script.headers.get('content-length'))).toBeLessThan(100_000)
  },
  PAGE_TEST_MS,
)
