import type { Memory } from '../memory.ts'
import type { BotSession } from '../session-store.ts'

/** Somebody who is told how long their family's trail is. */
export interface Reader {
  familyId: string
  userId: string
}

interface Chat {
  telegramId: string
  family: string
}

export type TrailDiary = ReturnType<typeof createTrailDiary>

const DUE = 'trail-due'
const KEPT_SECONDS = 366 * 86_400
/** Longer than telling takes; whoever began and died is followed by another try after it. */
const TELLING_SECONDS = 120
const AT_ONCE = 20

const placeOf = ({ familyId, userId }: Reader) => `${familyId} ${userId}`
const chatKey = (userId: string) => `trail-chat:${userId}`
const toldKey = (reader: Reader) => `trail-told:${placeOf(reader)}`
const tellingKey = (reader: Reader) => `trail-telling:${placeOf(reader)}`

/** Who is to be told of their family's trail, when, and what they were told last. */
export function createTrailDiary(memory: Memory, seconds: number, now: () => number = Date.now) {
  const leave = (reader: Reader) => memory.unschedule(DUE, placeOf(reader))
  return {
    /** Notes where an owner is to be told, for the first time a day from now; who is none any more is not. */
    enrol: async (telegramId: string, { userId, family }: BotSession): Promise<void> => {
      const reader = { familyId: family.id, userId }
      if (family.role !== 'owner') return await leave(reader)
      const chat: Chat = { telegramId, family: family.name }
      await memory.set(chatKey(userId), JSON.stringify(chat), KEPT_SECONDS)
      await memory.schedule(DUE, placeOf(reader), now() + seconds * 1000)
    },
    leave,
    isReader: (reader: Reader) => memory.isScheduled(DUE, placeOf(reader)),
    /** Somebody's Telegram account is not linked any more. */
    forget: (userId: string) => memory.delete(chatKey(userId)),
    due: async (): Promise<Reader[]> =>
      (await memory.due(DUE, now(), AT_ONCE)).map((place) => {
        const [familyId, userId] = place.split(' ')
        return { familyId: familyId!, userId: userId! }
      }),
    /** True for one of several bots that want to tell the same person. */
    begin: async (reader: Reader): Promise<boolean> =>
      (await memory.setNew(tellingKey(reader), '1', TELLING_SECONDS)) === undefined,
    /** Nothing was told: the next look tries again. */
    release: (reader: Reader) => memory.delete(tellingKey(reader)),
    chatOf: async (userId: string): Promise<Chat | undefined> => {
      const text = await memory.get(chatKey(userId))
      return text === undefined ? undefined : (JSON.parse(text) as Chat)
    },
    toldSeq: async (reader: Reader): Promise<number> => Number((await memory.get(toldKey(reader))) ?? 0),
    /** Next time a day from now; `seq` is how far they know the trail. */
    done: async (reader: Reader, seq: number): Promise<void> => {
      await memory.set(toldKey(reader), String(seq), KEPT_SECONDS)
      await memory.postpone(DUE, placeOf(reader), now() + seconds * 1000)
      await memory.delete(tellingKey(reader))
    },
  }
}
