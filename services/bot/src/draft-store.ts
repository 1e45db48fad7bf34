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
  /** Set before it is sent: from then on it is this very entry or none. */
  sent: boolean
  /** What came of it, in words. */
  outcome?: string | undefined
}

export interface DraftStore {
  create(draft: Omit<Draft, 'id' | 'sent'>): Promise<Draft>
  find(id: string): Promise<Draft | undefined>
  save(draft: Draft): Promise<void>
  delete(id: string): Promise<void>
  /** The account a person used last, or undefined. */
  lastAccount(telegramId: string): Promise<string | undefined>
  rememberAccount(telegramId: string, accountId: string): Promise<void>
}

/** What was sent is remembered for as long as its idempotency key is, so that a late tap gets the same answer. */
const SENT_SECONDS = 86_400
const LAST_ACCOUNT_SECONDS = 90 * 86_400

const keyOf = (id: string) => `draft:${id}`

export function createDraftStore(memory: Memory, draftSeconds: number): DraftStore {
  const save = (draft: Draft) =>
    memory.set(keyOf(draft.id), JSON.stringify(draft), draft.sent ? SENT_SECONDS : draftSeconds)
  return {
    create: async (given) => {
      const draft = { ...given, id: randomBytes(12).toString('base64url'), sent: false }
      await save(draft)
      return draft
    },
    find: async (id) => {
      const text = await memory.get(keyOf(id))
      return text === undefined ? undefined : (JSON.parse(text) as Draft)
    },
    save,
    delete: (id) => memory.delete(keyOf(id)),
    lastAccount: (telegramId) => memory.get(`account:${telegramId}`),
    rememberAccount: (telegramId, accountId) =>
      memory.set(`account:${telegramId}`, accountId, LAST_ACCOUNT_SECONDS),
  }
}
