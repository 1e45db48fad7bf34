import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { type Family, givenFamily } from '../support/given.ts'
import { type BrowserHouse, startBrowserHouse } from './support/browser-house.ts'
import { atLeast, isTooWide, openPage, PAGE_TEST_MS, phone } from './support/browser.ts'

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
    await page.getByLabel('E-mail').fill(owner.email)
    await page.getByLabel('Password').fill('not the password at all')
    await page.getByRole('button', { name: 'Sign in', exact: true }).click()
    await page.getByText('The e-mail address or the password is wrong.').waitFor()
    await page.getByLabel('Password').fill(owner.password)
    await page.getByRole('button', { name: 'Sign in', exact: true }).click()
    await page.getByText('Olga · Owner').waitFor()

    const accounts = page.getByRole('region', { name: 'Accounts' })
    await accounts.getByLabel('Name').fill('Sparschwein')
    await accounts.getByLabel('Money in it now').fill('20.00')
    await accounts.getByRole('button', { name: 'Open account' }).click()
    await accounts.getByText('€20.00 available').waitFor()

    const spend = page.getByRole('region', { name: 'New transaction' })
    await spend.getByLabel('Amount, EUR').fill('2.50')
    await spend.getByLabel('What for').fill('Eis & Käse')
    await spend.getByRole('button', { name: 'Spend' }).click()
    await accounts.getByText('€17.50 available').waitFor()
    await page.getByRole('region', { name: 'Latest transactions' }).getByText('Eis & Käse').waitFor()

    await page.getByRole('button', { name: 'Sign out' }).click()
    await page.getByText('You have signed out.').waitFor()
    expect(await atLeast(1, complaints)).toEqual(['401 /api/v1/auth/login'])
    await page.close()
  },
  PAGE_TEST_MS,
)

test(
  'the pages fit on a phone',
  async () => {
    const { page, complaints } = await openPage(at.browser, `${at.url}/`, phone)
    await page.getByLabel('E-mail').fill(family.owner.email)
    await page.getByLabel('Password').fill(family.owner.password)
    expect(await isTooWide(page)).toBe(false)
    await page.getByRole('button', { name: 'Sign in', exact: true }).click()
    await page.getByText('Olga · Owner').waitFor()
    expect(await isTooWide(page)).toBe(false)
    expect(complaints).toEqual([])
    await page.close()
  },
  PAGE_TEST_MS,
)
