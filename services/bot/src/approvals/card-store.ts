import type { Memory } from '../memory.ts'

/** A message with a card about a transaction, and as whom its reader is to be asked about it. */
export interface CardPlace {
  telegramId: string
  familyId: string
  messageId: number
}

/** Where the cards about a transaction are, for when somebody acts. */
export interface CardStore {
  /** `until` is when the waiting ends. */
  remember(transactionId: string, place: CardPlace, until: string): Promise<void>
  placesOf(transactionId: string): Promise<CardPlace[]>
  forget(transactionId: string): Promise<void>
}

const DAY_SECONDS = 86_400
const keyOf = (transactionId: string) => `cards:${transactionId}`

export const createCardStore = (memory: Memory): CardStore => ({
  remember: async (transactionId, { telegramId, familyId, messageId }, until) => {
    const left = Math.max(0, Math.ceil((Date.parse(until) - Date.now()) / 1000))
    await memory.setField(keyOf(transactionId), `${telegramId}:${messageId}`, familyId, left + DAY_SECONDS)
  },
  placesOf: async (transactionId) =>
    Object.entries(await memory.fields(keyOf(transactionId))).map(([place, familyId]) => {
      const [telegramId, messageId] = place.split(':')
      return { telegramId: telegramId!, familyId, messageId: Number(messageId) }
    }),
  forget: (transactionId) => memory.delete(keyOf(transactionId)),
})
