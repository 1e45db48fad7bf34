import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { bookedIn, type Chat, type Replicas, startReplicas } from './replicas.ts'

const TEST_MS = 120_000

let all: Replicas
let ann: Chat
beforeAll(async () => {
  all = await startReplicas({ webhook: true })
  ann = all.chat(111)
  await all.link(ann, all.family.owner)
}, TEST_MS)
afterAll(() => all.stop())

const cards = async (pattern: RegExp) =>
  (await ann.messages())
    .filter(({ from, text }) => from === 'bot' && pattern.test(text))
    .map(({ text }) => text)

/** Brings an update as somebody who knows the address. */
const bring = (update: unknown, secret?: string) =>
  fetch(all.webhook!.url, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(secret === undefined ? {} : { 'x-telegram-bot-api-secret-token': secret }),
    },
    body: JSON.stringify(update),
  })

test(
  'two bots behind one address answer each message once, and in the order of the chat',
  async () => {
    for (let number = 1; number <= 6; number++) await ann.write(`${number} cup`)
    await ann.see(/Spend €?6\.00.*\n.*cup/)
    const sums = (await cards(/For: cup/)).map((text) => /(\d)\.00/.exec(text)![1])
    expect(sums).toEqual(['1', '2', '3', '4', '5', '6'])
  },
  TEST_MS,
)

test(
  'what comes without the secret, or with another, is refused and does nothing',
  async () => {
    await ann.write('21 kite')
    const card = await ann.see(/For: kite/)
    const from = { id: 111, first_name: 'Ann', is_bot: false }
    const update = {
      update_id: 2_000_000_000,
      callback_query: {
        id: '1',
        from,
        message: { message_id: card.id, date: 1, chat: { id: 111, type: 'private' } },
        data: card.buttons[0]![0]!.data,
      },
    }
    for (const secret of [undefined, '', 'x'.repeat(43)]) {
      const answer = await bring(update, secret)
      const { code } = (await answer.json()) as { code: string }
      expect([answer.status, code]).toEqual([401, 'unauthenticated'])
    }
    expect(await bookedIn(all.family, 'kite')).toBe(0)
    // The same by Telegram, to both bots at the same moment and again: once.
    const answers = await Promise.all([1, 2, 3, 4].map(() => bring(update, all.webhook!.secret)))
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200])
    await ann.see(/· kite\nDone/)
    expect(await bookedIn(all.family, 'kite')).toBe(1)
  },
  TEST_MS,
)

test(
  'what was brought to a bot that was killed is brought again, to the other',
  async () => {
    await ann.write('22 ball')
    const card = await ann.see(/For: ball/)
    const [killed] = all.bots
    all.gateway.holdAnswers()
    await ann.tap(card, 'Confirm')
    await killed!.kill()
    all.gateway.open()
    await ann.see(/· ball\nDone/)
    await ann.write('23 bat')
    await ann.see(/For: bat/)
    expect(await bookedIn(all.family, 'ball')).toBe(1)
    await killed!.start()
  },
  TEST_MS,
)
