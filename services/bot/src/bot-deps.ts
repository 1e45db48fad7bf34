import type { Api } from './api.ts'
import { createDraftStore, type DraftStore } from './draft-store.ts'
import type { Memory } from './memory.ts'
import { createPrompts, type Prompts } from './prompts.ts'
import type { SessionStore } from './session-store.ts'

/** What the features of the bot work with. */
export interface BotDeps {
  api: Api
  sessions: SessionStore
  memory: Memory
  drafts: DraftStore
  prompts: Prompts
  /** Seconds in which a card can be answered. */
  cardSeconds: number
}

type Means = Pick<BotDeps, 'api' | 'sessions' | 'memory'>

export const createBotDeps = (means: Means, cardSeconds: number): BotDeps => ({
  ...means,
  drafts: createDraftStore(means.memory, cardSeconds),
  prompts: createPrompts(means.memory, cardSeconds),
  cardSeconds,
})
