import type { Api } from './api.ts'
import { type CardStore, createCardStore } from './approvals/card-store.ts'
import { createDraftStore, type DraftStore } from './draft-store.ts'
import type { FamilySessions } from './family-sessions.ts'
import type { Memory } from './memory.ts'
import { createPrompts, type Prompts } from './prompts.ts'
import type { SessionStore } from './session-store.ts'

/** What the features of the bot work with. */
export interface BotDeps {
  api: Api
  sessions: SessionStore
  families: FamilySessions
  memory: Memory
  drafts: DraftStore
  prompts: Prompts
  /** Where the cards about what waits are. */
  cards: CardStore
  /** Seconds in which a card can be answered. */
  cardSeconds: number
}

type Means = Pick<BotDeps, 'api' | 'sessions' | 'families' | 'memory'>

export const createBotDeps = (means: Means, cardSeconds: number): BotDeps => ({
  ...means,
  drafts: createDraftStore(means.memory, cardSeconds),
  prompts: createPrompts(means.memory, cardSeconds),
  cards: createCardStore(means.memory),
  cardSeconds,
})
