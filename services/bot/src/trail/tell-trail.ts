import { setTimeout as sleep } from 'node:timers/promises'
import { Anchor, anchorSubject } from '@common-purse/contracts'
import type { BusLink } from '@common-purse/kit/bus'
import type { Logger } from '@common-purse/kit/logger'
import { type Telegram, TelegramError } from 'telegraf'
import { languageOf, type Memory } from '../memory.ts'
import { shown } from '../plain-text.ts'
import { safeError } from '../safe-error.ts'
import { textsFor } from '../texts/index.ts'
import type { Reader, TrailDiary } from './trail-diary.ts'

interface Deps {
  link: BusLink
  memory: Memory
  diary: TrailDiary
  telegram: Telegram
  logger: Logger
}

const LOOK_MS = 30_000
/** As many digits of a hash as a person can be asked to compare, and far more than anybody can find another trail for. */
const DIGITS = 16

/** Sends owners, once a day while the trail grows, where it ends: a head that nobody but they can reach. */
export function startTellingTrail(deps: Deps, seconds: number) {
  const stopping = new AbortController()
  const look = async () => {
    if (!deps.link.isConnected()) return
    for (const reader of await deps.diary.due()) {
      if (stopping.signal.aborted) return
      await tell(deps, reader).catch((error: unknown) =>
        deps.logger.warn({ err: safeError(error) }, 'An owner could not be told of the trail yet'),
      )
    }
  }
  const run = async () => {
    while (!stopping.signal.aborted) {
      await look().catch(() => undefined) // without its memory the bot has nothing to look at
      await sleep(Math.min(LOOK_MS, seconds * 500), undefined, { signal: stopping.signal }).catch(
        () => undefined,
      )
    }
  }
  const running = run()
  return {
    stop: async () => {
      stopping.abort()
      await running
    },
  }
}

async function tell(deps: Deps, reader: Reader): Promise<void> {
  const { diary, telegram } = deps
  if (!(await diary.begin(reader))) return
  let message: Message | undefined
  try {
    message = await messageFor(deps, reader)
    if (message?.text !== undefined)
      await telegram.sendMessage(message.telegramId, message.text).catch((error: unknown) => {
        // Who has blocked the bot is asked again tomorrow.
        if (!(error instanceof TelegramError) || error.code !== 403) throw error
      })
  } catch (error) {
    await diary.release(reader)
    throw error
  }
  if (message) await diary.done(reader, message.seq)
}

interface Message {
  telegramId: string
  /** How far the person knows the trail then; without a text it did not grow. */
  seq: number
  text: string | undefined
}

/** What the person is to be told; undefined when they are to be told nothing any more. */
async function messageFor({ link, memory, diary }: Deps, reader: Reader): Promise<Message | undefined> {
  const chat = await diary.chatOf(reader.userId)
  if (!chat) return void (await diary.leave(reader))
  const { telegramId, family } = chat
  const anchor = await lastAnchor(link, reader.familyId)
  const told = await diary.toldSeq(reader)
  // Looked at after the anchor was read: nobody is told of what came after they left.
  if (!(await diary.isReader(reader))) return undefined
  if (!anchor || anchor.seq <= told) return { telegramId, seq: told, text: undefined }
  const head = `${anchor.seq}:${anchor.hash.slice(0, DIGITS)}`
  const text = textsFor(await languageOf(memory, telegramId)).trail.head(shown(family), anchor.seq, head)
  return { telegramId, seq: anchor.seq, text }
}

async function lastAnchor(link: BusLink, familyId: string): Promise<Anchor | undefined> {
  const { jsm, stream, subject } = await link.ready
  const message = await jsm.streams.getMessage(stream('ANCHORS'), {
    last_by_subj: subject(anchorSubject(familyId)),
  })
  return message === null ? undefined : Anchor.parse(message.json())
}
