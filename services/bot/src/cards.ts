import { randomBytes } from 'node:crypto'
import type { Memory } from './memory.ts'

/** What stands behind a message with buttons. The buttons carry its id alone: 16 characters nobody can guess. */
export interface Cards<Content extends object> {
  create(content: Content): Promise<Content & { id: string }>
  find(id: string): Promise<(Content & { id: string }) | undefined>
  /** Keeps it for `seconds`, or for as long as a new one. */
  save(card: Content & { id: string }, seconds?: number): Promise<void>
  delete(id: string): Promise<void>
}

/** Cards of one kind, kept for some time after each change. */
export function createCards<Content extends object>(
  memory: Memory,
  kind: string,
  usualSeconds: number,
): Cards<Content> {
  const keyOf = (id: string) => `${kind}:${id}`
  const save = (card: Content & { id: string }, seconds = usualSeconds) =>
    memory.set(keyOf(card.id), JSON.stringify(card), seconds)
  return {
    create: async (content) => {
      const card = { ...content, id: randomBytes(12).toString('base64url') }
      await save(card)
      return card
    },
    find: async (id) => {
      const text = await memory.get(keyOf(id))
      return text === undefined ? undefined : (JSON.parse(text) as Content & { id: string })
    },
    save,
    delete: (id) => memory.delete(keyOf(id)),
  }
}
