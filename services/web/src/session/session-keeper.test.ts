import { randomUUID } from 'node:crypto'
import { expect, test } from '@jest/globals'
import type { Session } from '@common-purse/contracts'
import { createSessionKeeper, type EndReason } from './session-keeper.ts'
import type { StoredSession } from './session-store.ts'

const session_id = randomUUID()
const sessionOf = (refresh_token: string, id: string = session_id) =>
  ({
    session_id: id,
    refresh_token,
    access_token: `access of ${refresh_token}`,
    expires_in: 900,
    signing_key: { key_id: `v1.${id}`, secret: 'c2VjcmV0' },
  }) as Session

interface Listener {
  onChange(): void
  onEnd(sessionId: string, why: EndReason): void
}

/** A browser with a server that gives numbered refresh tokens; its tabs share what is kept. */
function openBrowser({ refusal = false }: { refusal?: boolean } = {}) {
  let kept: StoredSession | undefined
  let now = 0
  let queue = Promise.resolve<unknown>(undefined)
  const exchanged: string[] = []
  const listeners: Listener[] = []
  const openTab = () => {
    let own: Listener
    const others = () => listeners.filter((listener) => listener !== own)
    return createSessionKeeper({
      store: {
        read: () => Promise.resolve(kept),
        write: async (session) => void (kept = session),
        clear: async () => void (kept = undefined),
      },
      exchange: ({ refresh_token }) => {
        exchanged.push(refresh_token)
        if (refusal) return Promise.reject(new Error('refused'))
        return Promise.resolve(sessionOf(`${refresh_token}+`, kept?.session_id))
      },
      isRefusal: () => refusal,
      tabs: {
        tellChange: () => others().forEach((listener) => listener.onChange()),
        tellEnd: (id, why) => others().forEach((listener) => listener.onEnd(id, why)),
        listen: (given) => void listeners.push((own = given)),
      },
      exclusively: (work) => {
        const mine = queue.then(work)
        queue = mine.catch(() => undefined)
        return mine
      },
      now: () => now,
    })
  }
  return { openTab, exchanged, kept: () => kept, wait: (ms: number) => (now += ms) }
}

test('renews once, before the access token expires, however many calls ask', async () => {
  const { openTab, exchanged, wait } = openBrowser()
  const tab = openTab()
  await tab.begin(sessionOf('a'))
  await tab.current()
  wait(839_000)
  await tab.current()
  expect(exchanged).toEqual([])
  wait(1_000)
  const [one, two] = await Promise.all([tab.current(), tab.current()])
  expect([one?.accessToken, two?.accessToken]).toEqual(['access of a+', 'access of a+'])
  expect(exchanged).toEqual(['a'])
})

test('keeps nothing but the refresh token, and no signing key that can be read', async () => {
  const { openTab, kept } = openBrowser()
  const tab = openTab()
  await tab.begin(sessionOf('a'))
  expect(kept()).toEqual({ session_id, refresh_token: 'a' })
  expect((await tab.current())?.signingKey.key.extractable).toBe(false)
})

test('tabs that open or renew together use no refresh token twice', async () => {
  const { openTab, exchanged, wait } = openBrowser()
  const first = openTab()
  await first.begin(sessionOf('a'))
  const others = [openTab(), openTab()]
  await Promise.all(others.map((tab) => tab.restore()))
  wait(840_000)
  await Promise.all([first, ...others].map((tab) => tab.current()))
  expect(exchanged).toHaveLength(new Set(exchanged).size)
  for (const tab of others) expect(tab.state().status).toBe('signed_in')
})

test('signing in and out is seen in the other tabs', async () => {
  const { openTab, kept } = openBrowser()
  const [here, there] = [openTab(), openTab()]
  await there.restore()
  expect(there.state()).toEqual({ status: 'signed_out' })
  const seen = new Promise<void>((resolve) =>
    there.subscribe(() => (there.state().status === 'signed_in' ? resolve() : undefined)),
  )
  await here.begin(sessionOf('a'))
  await seen
  await here.end('signed_out')
  expect(there.state()).toEqual({ status: 'signed_out', why: 'signed_out' })
  expect(kept()).toBeUndefined()
})

test('the end of another session changes nothing', async () => {
  const { openTab } = openBrowser()
  const [here, there] = [openTab(), openTab()]
  await here.begin(sessionOf('a', randomUUID()))
  await there.restore()
  await here.begin(sessionOf('b'))
  await there.restore()
  expect(there.state()).toMatchObject({ status: 'signed_in', who: { session_id } })
})

test('a refusal ends the session, in words, and in every tab', async () => {
  const { openTab, kept, wait } = openBrowser({ refusal: true })
  const [here, there] = [openTab(), openTab()]
  await here.begin(sessionOf('a'))
  wait(840_000)
  await expect(here.current()).rejects.toThrow('refused')
  expect(here.state()).toEqual({ status: 'signed_out', why: 'ended' })
  expect(kept()).toBeUndefined()
  await there.restore()
  expect(there.state()).toEqual({ status: 'signed_out' })
})
