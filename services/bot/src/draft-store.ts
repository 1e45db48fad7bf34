import { randomBytes } from 'node:crypto'
import type { Memory } from './memory.ts'

interface Named {
  id: string
  name: string
}

/** An entry that waits for its person to confirm it. */
export interface Draft {
  id: string
  telegramId: string
  chatId: string
  /** The card with the buttons. */
  messageId?: number | undefined
  /** The family that the accounts are of. */
  familyId: string
  type: 'expense' | 'income' | 'transfer'
  amount: string
  currency: string
  description?: string | undefined
  accountId: string
  accountName: string
  /** Where a transfer goes. */
  to?: Named | undefined
  category?: Named | undefined
  /** Milliseconds, set before it is sent: from then on it is this very entry or none. */
  sentAt?: number | undefined
  /** What came of it, in words. */
  outcome?: string | undefined
}

export interface DraftStore {
  create(draft: Omit<Draft, 'id'>): Promise<Draft>
  find(id: string): Promise<Draft | undefined>
  save(draft: Draft): Promise<void>
  delete(id: string): Promise<void>
  /** Its person is to be told of what comes of it, by whoever is there when it is known. */
  expectOutcome(id: string): Promise<void>
  /** Those whose person should have been told by now, oldest first. */
  untold(now: number): Promise<string[]>
  /** Nobody looks at it before that time. */
  postpone(id: string, at: number): Promise<void>
  told(id: string): Promise<void>
  /** The account a person used last, or undefined. */
  lastAccount(telegramId: string): Promise<string | undefined>
  rememberAccount(telegramId: string, accountId: string): Promise<void>
}

/** What was sent is remembered for as long as its idempotency key is, so that a late tap gets the same answer. */
const SENT_SECONDS = 86_400
const LAST_ACCOUNT_SECONDS = 90 * 86_400

const UNTOLD = 'untold-entries'
/** Whoever sends an entry tells its person within this time, or was killed. */
const TELLING_MS = 20_000
const AT_ONCE = 20

const keyOf = (id: string) => `draft:${id}`

export function createDraftStore(memory: Memory, draftSeconds: number): DraftStore {
  const save = (draft: Draft) =>
    memory.set(
      keyOf(draft.id),
      JSON.stringify(draft),
      draft.sentAt !== undefined ? SENT_SECONDS : draftSeconds,
    )
  return {
    create: async (given) => {
      const draft = { ...given, id: randomBytes(12).toString('base64url') }
      await save(draft)
      return draft
    },
    find: async (id) => {
      const text = await memory.get(keyOf(id))
      return text === undefined ? undefined : (JSON.parse(text) as Draft)
    },
    save,
    delete: (id) => memory.delete(keyOf(id)),
    expectOutcome: (id) => memory.schedule(UNTOLD, id, Date.now() + TELLING_MS),
    untold: (now) => memory.due(UNTOLD, now, AT_ONCE),
    postpone: (id, at) => memory.postpone(UNTOLD, id, at),
    told: (id) => memory.unschedule(UNTOLD, id),
    lastAccount: (telegramId) => memory.get(`account:${telegramId}`),
    rememberAccount: (telegramId, accountId) =>
      memory.set(`account:${telegramId}`, accountId, LAST_ACCOUNT_SECONDS),
  }
}
