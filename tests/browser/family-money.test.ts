import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { type Family, givenAccount, givenFamily } from '../support/given.ts'
import { type BrowserHouse, startBrowserHouse } from './support/browser-house.ts'
import { openPage, PAGE_TEST_MS } from './support/browser.ts'
import { button, openAs, part, typeSpending } from './support/family-page.ts'

let at: BrowserHouse
let family: Family
beforeAll(async () => {
  at = await startBrowserHouse({ services: ['auth', 'ledger', 'audit', 'gateway'] })
  family = await givenFamily(at.house, ['adult'])
  await givenAccount(family.owner, { name: 'Bank', kind: 'bank', opening_balance: '5000.00' })
}, PAGE_TEST_MS)
afterAll(() => at?.stop())

test(
  'what waits is approved or rejected by somebody else, and undone with a reason; both pages follow',
  async () => {
    const asking = await openAs(at.browser, at.url, family.people['adult']!)
    const deciding = await openAs(at.browser, at.url, family.owner)
    const bank = (page: typeof asking.page, text: string) => part(page, 'Accounts').getByText(text).waitFor()

    const form = await typeSpending(asking.page, { amount: '1500', what: 'bike' })
    await form.getByText('It will wait for approval by Olga. Leaves €3,500.00 in Bank.').waitFor()
    await button(form, 'Spend').click()
    await form.getByText(/^€1,500.00 waits for approval by Olga/).waitFor()
    // One's own can be taken back, and nothing else.
    const mine = part(asking.page, 'Waiting for approval')
    await button(mine, 'Take back: bike, −€1,500.00').waitFor()
    expect(await mine.getByRole('button').count()).toBe(1)

    await button(deciding.page, 'Approve: bike, −€1,500.00').click()
    await deciding.page.getByText('Approved: bike, −€1,500.00.').waitFor()
    await bank(deciding.page, '€3,500.00 available')
    await mine.waitFor({ state: 'detached' })

    await typeSpending(asking.page, { amount: '2000', what: 'boat' })
    await form.getByText('It will wait for approval by Olga. Leaves €1,500.00 in Bank.').waitFor()
    await button(form, 'Spend').click()
    const reject = button(deciding.page, 'Reject: boat, −€2,000.00')
    await reject.click()
    await deciding.page.keyboard.press('Escape')
    await deciding.page.locator(':focus').and(reject).waitFor()
    await reject.click()
    const dialog = deciding.page.getByRole('dialog', { name: 'Reject this transaction?' })
    await dialog.getByLabel('Reason').fill('we have no lake')
    await button(dialog, 'Reject').click()
    await deciding.page.getByText('Rejected: boat, −€2,000.00.').waitFor()
    const latest = part(asking.page, 'Latest transactions')
    await latest.getByText('“we have no lake”').waitFor()
    await bank(asking.page, '€3,500.00 available')

    await button(deciding.page, 'Undo: bike, −€1,500.00').click()
    await deciding.page.getByLabel('Reason').fill('it was stolen')
    await button(deciding.page.getByRole('dialog'), 'Undo').click()
    await deciding.page.getByText('Undone: bike, −€1,500.00.').waitFor()
    await bank(deciding.page, '€5,000.00 available')
    await latest.getByText('Undone: bike').waitFor()
    expect([asking.complaints, deciding.complaints]).toEqual([[], []])
    await asking.context.close()
    await deciding.context.close()
  },
  PAGE_TEST_MS,
)

test(
  'the month is shown by day and by category, transactions by account, and the trail on demand',
  async () => {
    const { owner } = await givenFamily(at.house)
    const wallet = await givenAccount(owner, { name: 'Wallet', opening_balance: '100.00' })
    const { id: category_id } = await owner.ledger.call('createCategory', { body: { name: 'Bread' } })
    await givenAccount(owner, { name: 'Piggy bank' })
    const spent = { type: 'expense', account_id: wallet.id, currency: 'EUR' } as const
    for (let count = 1; count <= 22; count++)
      await owner.ledger.call('submitTransaction', {
        body: { ...spent, amount: '1.25', description: `roll ${count}`, category_id },
      })

    const { page, complaints, context } = await openAs(at.browser, at.url, owner)
    const month = page.getByRole('region').filter({ has: page.getByText('Spent by category') })
    await month.getByRole('img', { name: 'Income €0.00 and spending €27.50, day by day' }).waitFor()
    await month.getByText('As a table').click()
    await month.getByRole('row').nth(1).getByRole('cell', { name: '€27.50' }).waitFor()
    await month.getByRole('listitem').filter({ hasText: 'Bread' }).getByText('€27.50').waitFor()
    await button(month, 'The month before').click()
    await page.getByText('Nothing has moved in this month.').waitFor()

    const latest = part(page, 'Latest transactions')
    const rows = latest.getByRole('listitem')
    await rows.nth(19).waitFor()
    expect(await rows.count()).toBe(20)
    await button(latest, 'Show older').click()
    await rows.nth(21).waitFor()
    await latest.getByLabel('Account').selectOption('Piggy bank')
    await latest.getByText('Nothing has moved yet.').waitFor()

    const trail = part(page, 'Trail')
    await button(trail, 'Check the trail').click()
    await trail.getByText(/^Intact: \d+ entries, nothing altered\.$/).waitFor()
    await button(trail, 'What has happened').click()
    await trail.getByText('Olga moved money').first().waitFor()
    expect(complaints).toEqual([])
    await context.close()
  },
  PAGE_TEST_MS,
)

test(
  'somebody joins by a link, is offered what a child may do, and is sent away when removed',
  async () => {
    const inviting = await openAs(at.browser, at.url, family.owner)
    const people = part(inviting.page, 'Family')
    await people.getByText('Invite somebody').click()
    await people.getByLabel('Role').selectOption('Child')
    await button(people, 'Make an invitation').click()
    const link = await people.getByLabel('Link', { exact: true }).inputValue()

    const joining = await openPage(at.browser, link)
    await joining.page.getByLabel('Your name').fill('Carl')
    await joining.page.getByLabel('E-mail').fill(`carl-${crypto.randomUUID()}@example.org`)
    await joining.page.getByLabel('Password').fill('a long and private one')
    await button(joining.page, 'Register').click()
    await joining.page.getByText('Carl · Child').waitFor()
    await people.getByText('Open invitations').waitFor({ state: 'detached' })
    await part(joining.page, 'Accounts').getByText('Bank', { exact: true }).waitFor()
    for (const name of ['Open an account', 'Invite somebody', 'Manage'])
      expect(await joining.page.getByText(name, { exact: true }).count()).toBe(0)
    expect(await button(joining.page, /^(Undo|Approve|Reject)/).count()).toBe(0)
    expect(new URL(joining.page.url()).hash).toBe('')

    await button(people, 'Manage Carl').click()
    await button(inviting.page.getByRole('dialog'), 'Remove from the family').click()
    await inviting.page.getByText('Carl is not in the family any more.').waitFor()
    await joining.page.getByText(/^Your session was ended/).waitFor()
    await button(joining.page, 'Sign in').waitFor()
    expect(inviting.complaints).toEqual([])
    await joining.page.context().close()
    await inviting.context.close()
  },
  PAGE_TEST_MS,
)
