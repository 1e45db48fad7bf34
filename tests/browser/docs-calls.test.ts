import { afterAll, beforeAll, expect, test } from '@jest/globals'
import type { Account, Transaction } from '../../libs/contracts/src/index.ts'
import { type Family, givenFamily, givenAccount } from '../support/given.ts'
import { type BrowserHouse, startBrowserHouse } from './support/browser-house.ts'
import { isTooWide, PAGE_TEST_MS, phone } from './support/browser.ts'
import { bar, keptBy, nothing, openDocs, signIn } from './support/docs-page.ts'
import { execute, openOperation } from './support/swagger.ts'

let at: BrowserHouse
let family: Family
beforeAll(async () => {
  at = await startBrowserHouse({ services: ['auth', 'ledger', 'audit', 'gateway'] })
  family = await givenFamily(at.house)
}, PAGE_TEST_MS)
afterAll(() => at?.stop())

test(
  'a newcomer signs in, and what is tried works at once: the page signs it',
  async () => {
    const { page, complaints } = await openDocs(at.browser, at.url)
    await signIn(page, family.owner)
    await bar(page).getByText('Signed in as Olga, owner of The Tests').waitFor()

    expect((await execute(page, 'listAccounts')).status).toBe(200)
    // The example is what the page offers; the key that the call needs is made by it.
    const opened = await execute(page, 'openAccount')
    expect(opened.status).toBe(201)
    const wallet = JSON.parse(await opened.text()) as Account
    expect(wallet).toMatchObject({ name: 'Wallet', currency: 'EUR', balance: { posted: '50.00' } })

    const spent = await execute(page, 'submitTransaction', {
      body: {
        type: 'expense',
        account_id: wallet.id,
        amount: '2.50',
        currency: 'EUR',
        description: 'Kaffee für Zoë ☕ & Käse',
      },
    })
    expect(spent.status).toBe(201)
    const coffee = JSON.parse(await spent.text()) as Transaction
    expect(coffee).toMatchObject({ status: 'posted', description: 'Kaffee für Zoë ☕ & Käse' })

    const found = await execute(page, 'listTransactions', {
      parameters: { q: 'Zoë ☕ & K', account_id: wallet.id, type: 'expense', limit: '5' },
    })
    expect(found.status).toBe(200)
    expect((JSON.parse(await found.text()) as { items: Transaction[] }).items.map(({ id }) => id)).toEqual([
      coffee.id,
    ])

    const renamed = await execute(page, 'updateAccount', {
      parameters: { id: wallet.id },
      body: { name: 'Börse' },
    })
    expect([renamed.status, (JSON.parse(await renamed.text()) as Account).name]).toEqual([200, 'Börse'])
    expect((await execute(page, 'exportTransactions')).status).toBe(200)

    expect(complaints).toEqual([])
    expect(await keptBy(page)).toEqual(nothing)
    expect(page.url()).not.toMatch(/token|secret/)
    await page.close()
  },
  PAGE_TEST_MS,
)

test(
  'it fits on a phone',
  async () => {
    const wallet = await givenAccount(family.owner)
    const { page, complaints } = await openDocs(at.browser, at.url, phone)
    expect(await isTooWide(page)).toBe(false)
    await signIn(page, family.owner)
    await bar(page).getByText('Signed in as Olga').waitFor()
    expect((await execute(page, 'getAccount', { parameters: { id: wallet.id } })).status).toBe(200)
    await openOperation(page, 'submitTransaction')
    expect(await isTooWide(page)).toBe(false)
    expect(complaints).toEqual([])
    await page.close()
  },
  PAGE_TEST_MS,
)
