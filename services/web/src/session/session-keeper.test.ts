import { randomUUID } from 'node:crypto'
import { expect, test } from '@jest/globals'
import type { Session } from '@common-purse/contracts'
import type { Held } from './session-holder.ts'
import { createSessionKeeper } from './session-keeper.ts'
import type { TabListener } from './tab-channel.ts'

const session_id = randomUUID()
const sessionOf = (refresh_token: string) => ({ session_id, refresh_token, expires_in: 900 }) as Session

/** A tab with a server that gives numbered refresh tokens; `others` is what the other tabs hold. */
function openTab({ refusal = false, others }: { refusal?: boolean; others?: Held } = {}) {
  const kept = new Map<string, string>()
  const exchanged: string[] = []
  const told: string[] = []
  let now = 0
  let listener: TabListener | undefined
  const keeper = createSessionKeeper({
    storage: {
      getItem: (key) => kept.get(key) ?? null,
      setItem: (key, value) => void kept.set(key, value),
      removeItem: (key) => void kept.delete(key),
    },
    exchange: async ({ refresh_token }) => {
      exchanged.push(refresh_token)
      if (refusal) throw new Error('refused')
      return sessionOf(`${refresh_token}+`)
    },
    isRefusal: () => refusal,
    tabs: {
      ask: async () => others,
      tell: ({ session }) => void told.push(session.refresh_token),
      tellEnd: (_, why) => void told.push(why),
      listen: (given) => (listener = given),
    },
    exclusively: async (work) => work(),
    now: () => now,
  })
  const reopen = () => keeper.restore()
  return { keeper, kept, exchanged, told, reopen, listener: listener!, wait: (ms: number) => (now += ms) }
}

test('renews once, before the access token expires, however many calls ask', async () => {
  const { keeper, exchanged, told, wait } = openTab()
  keeper.begin(sessionOf('a'))
  await keeper.current()
  wait(839_000)
  await keeper.current()
  expect(exchanged).toEqual([])
  wait(1_000)
  const [one, two] = await Promise.all([keeper.current(), keeper.current()])
  expect([one?.refresh_token, two?.refresh_token]).toEqual(['a+', 'a+'])
  expect(exchanged).toEqual(['a'])
  expect(told).toEqual(['a', 'a+'])
})

test('keeps the refresh token over a reload, and no access token', async () => {
  const { keeper, kept, exchanged, reopen } = openTab()
  keeper.begin(sessionOf('a'))
  expect([...kept.values()].map((text) => Object.keys(JSON.parse(text) as object))).toEqual([
    ['session_id', 'refresh_token'],
  ])
  await reopen()
  expect(exchanged).toEqual(['a'])
  expect(keeper.state()).toMatchObject({ status: 'signed_in', session: { refresh_token: 'a+' } })
})

test('a copy of a tab takes what the other holds instead of using the token a second time', async () => {
  const { keeper, exchanged, reopen } = openTab({ others: { session: sessionOf('b'), renewAt: 1 } })
  keeper.begin(sessionOf('a'))
  await reopen()
  expect(exchanged).toEqual([])
  expect(keeper.state()).toMatchObject({ session: { refresh_token: 'b' } })
})

test('hears of new tokens and of the end in another tab', async () => {
  const { keeper, listener } = openTab()
  keeper.begin(sessionOf('a'))
  listener.onRenewed({ session: sessionOf('b'), renewAt: 1_000 })
  expect((await keeper.current())?.refresh_token).toBe('b')
  listener.onEnd(randomUUID(), 'signed_out')
  expect(keeper.state().status).toBe('signed_in')
  listener.onEnd(session_id, 'signed_out')
  expect(keeper.state()).toEqual({ status: 'signed_out', why: 'signed_out' })
})

test('a refusal ends the session, in words', async () => {
  const { keeper, kept, reopen } = openTab({ refusal: true })
  keeper.begin(sessionOf('a'))
  await reopen()
  expect(keeper.state()).toEqual({ status: 'signed_out', why: 'ended' })
  expect(kept.size).toBe(0)
})
