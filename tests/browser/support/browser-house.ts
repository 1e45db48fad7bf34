import type { Browser } from 'playwright-core'
import { type House, startHouse } from '../../support/house.ts'
import { openBrowser } from './browser.ts'

export interface BrowserHouse {
  house: House
  browser: Browser
  /** The gateway's address, without a path. */
  url: string
  stop(): Promise<void>
}

/** A house, and a browser to look at its pages with. */
export async function startBrowserHouse(options: Parameters<typeof startHouse>[0]): Promise<BrowserHouse> {
  const house = await startHouse(options)
  try {
    const browser = await openBrowser()
    const stop = async () => {
      await browser.close()
      await house.stop()
    }
    return { house, browser, url: house.urls.gateway, stop }
  } catch (error) {
    await house.stop()
    throw error
  }
}
