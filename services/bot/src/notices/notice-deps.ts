import type { DomainEvent } from '@common-purse/contracts'
import type { Api } from '../api.ts'
import type { CardStore } from '../approvals/card-store.ts'
import { lookAt, type Seen } from '../approvals/look-at.ts'
import type { FamilySessions } from '../family-sessions.ts'
import { languageOf, type Memory } from '../memory.ts'
import { type Texts, textsFor } from '../texts/index.ts'
import { askGateway } from './ask-gateway.ts'
import type { Messenger } from './messenger.ts'
import type { People } from './people.ts'

/** What telling people of transactions takes. */
export interface NoticeDeps {
  api: Api
  families: FamilySessions
  cards: CardStore
  memory: Memory
  messenger: Messenger
  people: People
}

/** Somebody in one of their families. */
export interface Reader {
  telegramId: string
  familyId: string
}

/** Nobody wants to hear of it later than this: the bot was away, or reads the stream for the first time. */
const OLD_MS = 3_600_000

export const isOld = ({ time }: DomainEvent): boolean => Date.now() - Date.parse(time) > OLD_MS

/** The transaction as the reader sees it now; undefined when they do not, or are not in the family any more. */
export const lookAs = (
  { api, families }: NoticeDeps,
  { telegramId, familyId }: Reader,
  id: string,
): Promise<Seen | undefined> =>
  askGateway(() => families.use(telegramId, familyId, (session) => lookAt(api, session, id)))

export const textsOfReader = async (
  { memory }: Pick<NoticeDeps, 'memory'>,
  { telegramId }: Pick<Reader, 'telegramId'>,
): Promise<Texts> => textsFor(await languageOf(memory, telegramId))

/** A text among the values of an event. */
export function valueIn(event: DomainEvent, name: string): string | undefined {
  const value = event.data.new_values?.[name]
  return typeof value === 'string' ? value : undefined
}
