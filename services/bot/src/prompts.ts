import type { Context, MiddlewareFn } from 'telegraf'
import { isPrivate, senderOf } from './chat.ts'
import type { Memory } from './memory.ts'

/** What a person's next message in the private chat answers: the reason for a card, for instance. */
export interface Prompt {
  /** Whose question it is; a feature takes only its own. */
  feature: string
  /** Of the card that was asked about. */
  id: string
}

export interface Prompts {
  /** The next message of this person is the answer; an earlier question is given up. */
  expect(telegramId: string, prompt: Prompt): Promise<void>
  /** Takes the question when it is this feature's, so that it is answered once; gives the id of its card. */
  take(telegramId: string, feature: string): Promise<string | undefined>
  /** The person does something else. */
  drop(telegramId: string): Promise<void>
}

const keyOf = (telegramId: string) => `prompt:${telegramId}`

export function createPrompts(memory: Memory, seconds: number): Prompts {
  const drop = (telegramId: string) => memory.delete(keyOf(telegramId))
  return {
    expect: (telegramId, { feature, id }) => memory.set(keyOf(telegramId), `${feature} ${id}`, seconds),
    take: async (telegramId, feature) => {
      const [asking, id] = (await memory.get(keyOf(telegramId)))?.split(' ') ?? []
      if (asking !== feature) return undefined
      await drop(telegramId)
      return id
    },
    drop,
  }
}

/** Whoever sends a command does something else: what they write afterwards is no answer to an earlier question. */
export const dropQuestion =
  (prompts: Prompts): MiddlewareFn<Context> =>
  async (ctx, next) => {
    const isCommand = ctx.message && 'text' in ctx.message && ctx.message.text.startsWith('/')
    // Without the memory there is no question either.
    if (isCommand && isPrivate(ctx)) await prompts.drop(senderOf(ctx)).catch(() => undefined)
    await next()
  }
