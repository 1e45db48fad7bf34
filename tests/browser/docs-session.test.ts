import { afterAll, beforeAll, expect, test } from '@jest/globals'
import type { Session } from '../../libs/contracts/src/index.ts'
import { givenFamily } from '../support/given.ts'
import { eventually } from '../support/eventually.ts'
import { startHouse } from '../support/house.ts'
import { type BrowserHouse, startBrowserHouse } from './support/browser-house.ts'
import { atLeast, PAGE_TEST_MS, PATIENCE_MS } from './support/browser.ts'
import { bar, button, keptBy, notice, nothing, openDocs, signIn } from './support/docs-page.ts'
import { totpOf } from '../support/totp.ts'
import { execute } from './support/swagger.ts'

let at: BrowserHouse
beforeAll(async () => {
  at = await startBrowserHouse({ services: ['auth', 'gateway'], env: { LOGIN_FAILURES_ACCOUNT: '3/300' } })
}, PAGE_TEST_MS)
afterAll(() => at?.stop())

test(
  'somebody registers in Swagger UI, and the page goes on with that session until it is left',
  async () => {
    const { page, complaints } = await openDocs(at.browser, at.url)
    const email = `new-${crypto.randomUUID()}@example.org`
    const body = { email, password: 'a long and private one', display_name: 'Nina', family_name: 'Newcomers' }
    expect((await execute(page, 'register', { body })).status).toBe(201)
    await bar(page).getByText('Signed in as Nina, owner of Newcomers').waitFor()
    expect((await execute(page, 'getMe')).status).toBe(200)

    // Anew and without the part of the address by which Swagger UI opens a call again.
    await page.goto(`${at.url}/docs`)
    await button(page, 'Sign in').waitFor()
    expect((await execute(page, 'getMe')).status).toBe(401)
    await signIn(page, body)
    await bar(page).getByText('Signed in as Nina').waitFor()
    await button(page, 'Sign out').click()
    await notice(page).getByText('Signed out.').waitFor()

    expect(await atLeast(1, complaints)).toEqual(['401 /api/v1/auth/me'])
    expect(await keptBy(page)).toEqual(nothing)
    await page.close()
  },
  PAGE_TEST_MS,
)

test(
  'who mistypes is told what is wrong, and after too many tries how long to wait',
  async () => {
    const { owner } = await givenFamily(at.house)
    const { page, complaints } = await openDocs(at.browser, at.url)
    const wrong = { ...owner, password: 'not the password at all' }
    for (let count = 1; count <= 3; count++) {
      const answered = page.waitForResponse('**/auth/login')
      await signIn(page, wrong)
      await answered
      await notice(page)
        .getByText(/^401: .*(password|wrong)/i)
        .waitFor()
      expect(await bar(page).getByLabel('E-mail').inputValue()).toBe(wrong.email)
    }
    await signIn(page, wrong)
    await notice(page)
      .getByText(/^429: .* Try again in \d+ seconds\.$/)
      .waitFor()
    expect(await atLeast(4, complaints)).toEqual([
      ...Array<string>(3).fill('401 /api/v1/auth/login'),
      '429 /api/v1/auth/login',
    ])
    expect(page.url()).toBe(`${at.url}/docs`)
    await page.close()
  },
  PAGE_TEST_MS,
)

test(
  'a session that is ended elsewhere ends here too, and the page says so',
  async () => {
    const { owner } = await givenFamily(at.house)
    const { page, complaints } = await openDocs(at.browser, at.url)
    await signIn(page, owner)
    await bar(page).getByText('Signed in as Olga').waitFor()
    await owner.auth.call('logout', { body: { scope: 'global' } })
    // The gateway hears of it a moment later.
    await eventually(
      () => execute(page, 'getMe'),
      ({ status }) => status === 401,
      PATIENCE_MS,
    )
    await notice(page).getByText('Your session has ended: sign in again.').waitFor()
    await button(page, 'Sign in').waitFor()
    expect(await atLeast(2, complaints)).toEqual(['401 /api/v1/auth/me', '401 /api/v1/auth/token/refresh'])
    await page.close()
  },
  PAGE_TEST_MS,
)

test(
  'who has two-step sign-in on is asked for a code',
  async () => {
    const { owner } = await givenFamily(at.house)
    const { secret } = await owner.auth.call('enrollTotp', { body: {} })
    const { recovery_codes } = await owner.auth.call('verifyTotp', { body: { code: totpOf(secret) } })
    const { page, complaints } = await openDocs(at.browser, at.url)
    expect(await bar(page).getByLabel('Code').isVisible()).toBe(false)
    await signIn(page, owner)
    await bar(page).getByLabel('Code').fill(recovery_codes[0]!)
    await button(page, 'Sign in').click()
    await bar(page).getByText('Signed in as Olga').waitFor()
    expect(await atLeast(1, complaints)).toEqual(['401 /api/v1/auth/login'])
    await page.close()
  },
  PAGE_TEST_MS,
)

test(
  'the page renews its session when the token is about to end',
  async () => {
    // Shorter than what the page keeps in hand: it renews before each call.
    await using hasty = await startHouse({
      services: ['auth', 'gateway'],
      env: { ACCESS_TOKEN_SECONDS: '20' },
    })
    const { owner } = await givenFamily(hasty)
    const { page, complaints } = await openDocs(at.browser, hasty.urls.gateway)
    await signIn(page, owner)
    await bar(page).getByText('Signed in as Olga').waitFor()
    for (const id of ['getMe', 'getMe']) {
      const renewed = page.waitForResponse('**/auth/token/refresh')
      expect((await execute(page, id)).status).toBe(200)
      const session = (await (await renewed).json()) as Session
      expect(session.user.id).toBe(owner.userId)
    }
    expect(complaints).toEqual([])
    await page.close()
  },
  PAGE_TEST_MS,
)
