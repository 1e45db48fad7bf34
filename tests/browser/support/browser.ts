import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core'
import { eventually } from '../../support/eventually.ts'
import { required } from '../../support/settings.ts'

const flags = [
  '--no-sandbox',
  '--disable-dev-shm-usage',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

/** What a busy machine may take for one step of a page, and for a test of many steps. */
export const PATIENCE_MS = 60_000
export const PAGE_TEST_MS = 300_000

export const phone = { width: 390, height: 844 }
export const desk = { width: 1280, height: 900 }

/** Chromium without a window; the caller closes it. */
export const openBrowser = (): Promise<Browser> =>
  chromium.launch({ executablePath: required('TEST_CHROMIUM_PATH'), args: flags, timeout: 60_000 })

export interface WatchedPage {
  page: Page
  /**
   * Whatever was wrong so far: messages of the console, exceptions, requests to other places, and refusals of our own
   * server as `401 /api/v1/accounts`.
   */
  complaints: string[]
}

/** A page of its own, with cookies and storage of its own, that notes what goes wrong in it. */
export async function openPage(
  browser: Browser,
  url: string,
  viewport = desk,
  locale = 'en-US',
): Promise<WatchedPage> {
  return openTab(await browser.newContext({ viewport, locale }), url)
}

/** A further page of a browser, which shares cookies and storage with its others. */
export async function openTab(context: BrowserContext, url: string): Promise<WatchedPage> {
  const page = await context.newPage()
  page.setDefaultTimeout(PATIENCE_MS)
  const complaints: string[] = []
  page.on('console', (message) => {
    if (!['error', 'warning'].includes(message.type())) return
    // Another program of this machine has brought a network up or down: Chromium drops what is under way.
    if (message.text().endsWith('net::ERR_NETWORK_CHANGED')) return
    const status = /^Failed to load resource: .* status of (\d+)/.exec(message.text())?.[1]
    complaints.push(status ? `${status} ${new URL(message.location().url).pathname}` : message.text())
  })
  page.on('pageerror', (error) => complaints.push(`${error.name}: ${error.message}`))
  page.on('request', (request) => {
    const asked = new URL(request.url())
    const isOwn = asked.origin === new URL(url).origin || asked.protocol === 'data:'
    if (!isOwn) complaints.push(`asked ${request.url()}`)
  })
  await page.goto(url)
  return { page, complaints }
}

/** The complaints when there are so many: the console's come by a way of their own, which may be the longer one. */
export const atLeast = (count: number, complaints: string[]): Promise<string[]> =>
  eventually(
    async () => complaints,
    ({ length }) => length >= count,
    PATIENCE_MS,
  )

/** Whether a person has to scroll sideways. */
export const isTooWide = (page: Page): Promise<boolean> =>
  page.evaluate<boolean>('document.documentElement.scrollWidth > innerWidth')
