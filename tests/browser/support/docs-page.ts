import type { Browser, Locator, Page } from 'playwright-core'
import { desk, openPage, type WatchedPage } from './browser.ts'

/** `/docs` with its operations shown. */
export async function openDocs(browser: Browser, url: string, viewport = desk): Promise<WatchedPage> {
  const opened = await openPage(browser, `${url}/docs`, viewport)
  await opened.page.getByText('/api/v1/auth/register').waitFor()
  return opened
}

/** The bar of the page itself, above Swagger UI. */
export const bar = (page: Page): Locator => page.getByRole('banner')
export const button = (page: Page, name: string): Locator => bar(page).getByRole('button', { name })
export const notice = (page: Page): Locator => bar(page).getByRole('status')

export async function signIn(page: Page, who: { email: string; password: string }): Promise<void> {
  await bar(page).getByLabel('E-mail').fill(who.email)
  await bar(page).getByLabel('Password').fill(who.password)
  await button(page, 'Sign in').click()
}

/** What a page keeps: storage of the origin, databases, cookies, and what goes along with the window. */
export const keptBy = (page: Page): Promise<unknown> =>
  page.evaluate<unknown>(
    '(async () => [{ ...localStorage }, { ...sessionStorage }, await indexedDB.databases(), document.cookie, history.state, name])()',
  )
export const nothing = [{}, {}, [], '', null, '']
