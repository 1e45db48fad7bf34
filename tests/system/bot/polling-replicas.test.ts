import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { eventually } from '../../support/eventually.ts'
import { bookedIn, type Chat, pollerOf, type Replicas, startReplicas } from './replicas.ts'

const TEST_MS = 120_000

let all: Replicas
let ann: Chat
let ben: Chat
beforeAll(async () => {
  all = await startReplicas({ webhook: false })
  ann = all.chat(111)
  ben = all.chat(222)
  await all.link(ann, all.family.owner)
  await all.link(ben, all.family.people['member']!)
}, TEST_MS)
afterAll(() => all.stop())

const booked = (description: string) => bookedIn(all.family, description)
const answers = async (chat: Chat, pattern: RegExp) =>
  (await chat.messages()).filter(({ from, text }) => from === 'bot' && pattern.test(text)).length

test(
  'two bots answer each message once',
  async () => {
    await pollerOf(all.bots)
    for (let number = 1; number <= 5; number++) {
      await ann.write(`${number} cup`)
      await ben.write(`${number} cap`)
    }
    for (let number = 1; number <= 5; number++) {
      await ann.see(new RegExp(`Spend €?${number}\\.00.*\\n.*cup`))
      await ben.see(new RegExp(`Spend €?${number}\\.00.*\\n.*cap`))
    }
    expect([await answers(ann, /For: cup/), await answers(ben, /For: cap/)]).toEqual([5, 5])
  },
  TEST_MS,
)

test(
  'a tap on the card of a bot that was killed is answered by the other',
  async () => {
    await ann.write('11 hat')
    const card = await ann.see(/For: hat/)
    const killed = await pollerOf(all.bots)
    await killed.kill()
    await ann.tap(card, 'Confirm')
    await ann.see(/· hat\nDone/)
    expect(await booked('hat')).toBe(1)
    await killed.start()
  },
  TEST_MS,
)

test(
  'a bot that is killed after the purse has booked and before it has heard so books nothing twice',
  async () => {
    await ben.write('12 pie')
    const card = await ben.see(/For: pie/)
    all.gateway.holdAnswers()
    await ben.tap(card, 'Confirm')
    await eventually(
      () => booked('pie'),
      (count) => count === 1,
      30_000,
    )
    const killed = await pollerOf(all.bots)
    await killed.kill()
    all.gateway.open()
    await ben.see(/· pie\nDone/)
    expect(await booked('pie')).toBe(1)
    await killed.start()
  },
  TEST_MS,
)
