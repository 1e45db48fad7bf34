import type { Locator, Page } from 'playwright-core'

interface Input {
  /** Values by the names of the parameters. */
  parameters?: Record<string, string>
  /** In place of the example that the page offers. */
  body?: unknown
}

export interface Executed {
  status: number
  /** The body, where there is one. */
  text: () => Promise<string>
}

/** Opens an operation of Swagger UI, fills it in and executes it; answers what the page then shows. */
export async function execute(page: Page, id: string, input: Input = {}): Promise<Executed> {
  const block = await openOperation(page, id)
  for (const [name, value] of Object.entries(input.parameters ?? {})) {
    const row = block.locator(`tr[data-param-name="${name}"]`)
    if ((await row.locator('select').count()) > 0) await row.locator('select').selectOption(value)
    else await row.locator('input').fill(value)
  }
  if (input.body !== undefined) await block.locator('textarea').first().fill(JSON.stringify(input.body))
  const live = block.locator('.live-responses-table .response')
  const clear = block.getByRole('button', { name: 'Clear' })
  if (await clear.isVisible()) await clear.click()
  await live.waitFor({ state: 'detached' })
  await block.getByRole('button', { name: 'Execute' }).click()
  await live.waitFor()
  return {
    status: Number.parseInt(await live.locator('.response-col_status').innerText()),
    text: () => live.locator('.highlight-code code').first().innerText(),
  }
}

/** The operation with its form open; it is shown when Swagger UI has resolved its references. */
export async function openOperation(page: Page, id: string): Promise<Locator> {
  const block = page.locator(`.opblock[id$="-${id}"]`)
  await block.waitFor()
  const isOpen = /\bis-open\b/.test((await block.getAttribute('class')) ?? '')
  if (!isOpen) await block.locator('.opblock-summary-control').click()
  // The first of them is named "Try it out" and then "Cancel".
  const toggle = block.locator('.try-out__btn').first()
  if ((await toggle.innerText()).trim() === 'Try it out') await toggle.click()
  return block
}
