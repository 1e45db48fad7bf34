import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { type BrowserHouse, startBrowserHouse } from './support/browser-house.ts'
import { isTooWide, openPage, PAGE_TEST_MS, phone } from './support/browser.ts'

let at: BrowserHouse
beforeAll(async () => {
  at = await startBrowserHouse({ services: ['gateway'] })
}, PAGE_TEST_MS)
afterAll(() => at?.stop())

interface Document {
  paths: Record<string, Record<string, { operationId: string; summary: string }>>
}

test(
  '/redoc shows every operation of the document, and finds them',
  async () => {
    const document = (await (await fetch(`${at.url}/openapi.json`)).json()) as Document
    const operations = Object.values(document.paths).flatMap((path) => Object.values(path))
    expect(operations.length).toBeGreaterThan(40)

    const { page, complaints } = await openPage(at.browser, `${at.url}/redoc`)
    for (const { operationId } of operations)
      await page.locator(`[id$="operation/${operationId}"]`).first().waitFor({ state: 'attached' })

    const { summary } = operations.find(({ operationId }) => operationId === 'reverseTransaction')!
    await page.getByPlaceholder('Search...').fill('reverse')
    await page.getByRole('search').getByText(summary.slice(0, 20)).first().waitFor()
    expect(complaints).toEqual([])
    await page.close()
  },
  PAGE_TEST_MS,
)

test(
  '/redoc fits on a phone',
  async () => {
    const { page, complaints } = await openPage(at.browser, `${at.url}/redoc`, phone)
    await page.locator('[id$="operation/submitTransaction"]').first().waitFor({ state: 'attached' })
    expect(await isTooWide(page)).toBe(false)
    expect(complaints).toEqual([])
    await page.close()
  },
  PAGE_TEST_MS,
)
