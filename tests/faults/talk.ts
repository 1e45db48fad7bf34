import { setTimeout as sleep } from 'node:timers/promises'
import type pg from 'pg'
import { waitUntil } from '../../tools/launcher/wait-until.ts'
import { type RandomNumbers, randomNumbers } from '../invariants/random-numbers.ts'
import type { RandomFamily } from '../invariants/random-run.ts'
import { type Family, givenAccount, givenFamily } from '../support/given.ts'
import { type ChatMessage, chatOf, type FaultChat } from './chat.ts'
import type { FaultHouse } from './house.ts'

/** What somebody wrote to the bot, and what came of it as far as they were told. */
interface Entry {
  familyId: string
  /** Found in no other entry. */
  description: string
  confirmed: boolean
  /** What the card says in the end, or what there was instead of one; undefined when it still asks, or nothing came. */
  told: string | undefined
}

/** People who talk to the bot while things break. */
export interface Talk {
  /** They begin nothing further; resolves when each knows what became of what they confirmed. */
  end(): Promise<void>
  /** Every entry that was confirmed is in the ledger once, or its person was told that it is not. */
  judge(sql: pg.Client): Promise<string[]>
  entries: readonly Entry[]
  families: readonly RandomFamily[]
}

/** People of the emulator's chat page. */
const personIds = [111, 222]
const LINK_MS = 60_000
/** Somebody who was not answered for so long writes something else. */
const CARD_MS = 10_000
/** Longer than any fault of those in which somebody talks. */
const OUTCOME_MS = 180_000
const TAP_AGAIN_MS = 5_000
const TRIES = 20

/** Links two people, each with a family of their own, and lets them spend through the bot until `end`. */
export async function startTalk(house: FaultHouse, seed: number): Promise<Talk> {
  const { signal } = house.launcher
  const gateway = `http://127.0.0.1:${house.port}`
  const urls = { gateway, auth: gateway, ledger: gateway, audit: gateway }
  const entries: Entry[] = []
  const families: RandomFamily[] = []
  let ended = false
  const talks = personIds.map(async (id) => {
    const family = await givenFamily({ urls })
    const account = await givenAccount(family.owner, { currency: 'EUR', opening_balance: '5000' })
    families.push({ family, accounts: [account] })
    const chat = chatOf(house.chatUrl, id, signal)
    await link(chat, family)
    const random = randomNumbers(seed * 1_000 + id)
    return async () => {
      // Until somebody could confirm something, or it is plain that nobody can.
      for (let n = 0; !ended || (n < TRIES && !entries.some(({ confirmed }) => confirmed)); n += 1) {
        entries.push(await spend({ chat, random, familyId: family.id, signal }, nameOf(id, n)))
        await sleep(random.below(400), undefined, { signal })
      }
    }
  })
  const running = Promise.all((await Promise.all(talks)).map((talk) => talk()))
  running.catch(() => undefined) // whoever ends it hears of it
  return {
    entries,
    families,
    end: async () => {
      ended = true
      await running
    },
    judge: (sql) => judge(sql, entries),
  }
}

/** In letters: a second number in what is written would be asked about. */
const nameOf = (id: number, n: number) =>
  `tea ${[...`${id}${n}`].map((digit) => 'abcdefghij'[Number(digit)]).join('')}z`

async function link(chat: FaultChat, { owner }: Family): Promise<void> {
  await chat.write('/start')
  const codeIn = (messages: ChatMessage[]) => /code=([\w-]+)/.exec(messages.at(-1)?.text ?? '')?.[1]
  await chat.until((messages) => codeIn(messages) !== undefined, LINK_MS)
  const code = codeIn(await chat.messages())!
  const before = (await chat.messages()).length
  await owner.auth.call('confirmTelegramBinding', { body: { code } })
  await chat.until((messages) => messages.length > before, LINK_MS)
}

interface Talker {
  chat: FaultChat
  random: RandomNumbers
  familyId: string
  signal: AbortSignal
}

/** `1.25 tea`, and Confirm once or twice; again and again while the card still asks. */
async function spend(talker: Talker, description: string): Promise<Entry> {
  const { chat, random, familyId, signal } = talker
  const amount = `${1 + random.below(3)}.${10 + random.below(90)}`
  const entry: Entry = { familyId, description, confirmed: false, told: undefined }
  const isCard = ({ text, buttons }: ChatMessage) => buttons.length > 0 && text.includes(description)
  const answers = await write(talker, `${amount} ${description}`, isCard)
  const card = answers.find(isCard)
  if (!card) return { ...entry, told: answers.map(({ text }) => text).join(' | ') || undefined }
  entry.confirmed = true
  let tappedAt = -Infinity
  const isTold = async () => {
    const now = (await chat.messages()).find(({ id }) => id === card.id)!
    if (now.buttons.length === 0) entry.told = now.text
    else if (performance.now() - tappedAt > TAP_AGAIN_MS) {
      tappedAt = performance.now()
      await Promise.all(Array.from({ length: 1 + random.below(2) }, () => chat.tapFirst(card)))
    }
    return entry.told !== undefined
  }
  await waitUntil(isTold, { withinMs: OUTCOME_MS, everyMs: 100, signal })
  return entry
}

/** Writes that, and answers what the bot wrote until what is wanted came, or for a while. */
async function write(
  { chat, signal }: Talker,
  text: string,
  isWanted: (message: ChatMessage) => boolean,
): Promise<ChatMessage[]> {
  const before = (await chat.messages()).length
  await chat.write(text)
  const answers = async () => (await chat.messages()).slice(before)
  const hasCome = async () => (await answers()).some(isWanted)
  await waitUntil(hasCome, { withinMs: CARD_MS, everyMs: 100, signal })
  return await answers()
}

async function judge(sql: pg.Client, entries: readonly Entry[]): Promise<string[]> {
  const wrong: string[] = []
  for (const { familyId, description, confirmed, told } of entries) {
    const { rows } = await sql.query<{ count: number }>(
      'SELECT count(*)::int AS count FROM ledger.transactions WHERE family_id = $1 AND description = $2',
      [familyId, description],
    )
    const { count } = rows[0]!
    const problem = decideEntry({ confirmed, isBooked: told?.includes(description), count })
    if (problem) wrong.push(`Bot: ${description} ${problem} (${JSON.stringify(told)})`)
  }
  return wrong
}

/** A card that says what came of an entry names it; any other that stopped asking says that it did not happen. */
function decideEntry(seen: { confirmed: boolean; isBooked: boolean | undefined; count: number }) {
  const { confirmed, isBooked, count } = seen
  if (!confirmed) return count === 0 ? undefined : `is there ${count} times though nobody confirmed it`
  if (isBooked === undefined) return `was confirmed, is there ${count} times, and its person was never told`
  if (count === (isBooked ? 1 : 0)) return undefined
  return `is there ${count} times though its person was told that it ${isBooked ? 'was booked' : 'failed'}`
}
