import type { Browser, BrowserContext, Locator, Page } from 'playwright-core'
import type { Person } from '../../support/given.ts'
import { desk, openPage, type WatchedPage } from './browser.ts'

/** A titled part of the pages. */
export const part = (page: Page, name: string): Locator => page.getByRole('region', { name })
export const button = (page: Page | Locator, name: string | RegExp): Locator =>
  page.getByRole('button', { name, exact: typeof name === 'string' })

/** Fills the form in and sends it; what comes then is the caller's to wait for. */
export async function signIn(page: Page, { email, password }: Pick<Person, 'email' | 'password'>) {
  await page.getByLabel('E-mail').fill(email)
  await page.getByLabel('Password').fill(password)
  await button(page, 'Sign in').click()
}

/** The pages with somebody signed in, in a browser of their own. */
export async function openAs(
  browser: Browser,
  url: string,
  person: Person,
  viewport = desk,
): Promise<WatchedPage & { context: BrowserContext }> {
  const opened = await openPage(browser, url, viewport)
  await signIn(opened.page, person)
  await button(opened.page, 'Sign out').waitFor()
  return { ...opened, context: opened.page.context() }
}

interface Spending {
  amount: string
  what: string
}

/** Types a spending in, and answers the form with it. */
export async function typeSpending(page: Page, { amount, what }: Spending): Promise<Locator> {
  const form = part(page, 'New transaction')
  await form.getByLabel(/^Amount/).fill(amount)
  await form.getByLabel('What for').fill(what)
  return form
}
