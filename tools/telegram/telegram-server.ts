import { createRequire } from 'node:module'
import type { RequestListener } from 'node:http'

export interface StoredChat {
  id: number
  type: 'private' | 'group'
}

/** What somebody sent to a bot, with what the bot has seen of it. */
export interface StoredUpdate {
  botToken: string
  updateId: number
  messageId: number
  callbackId?: number
  isRead: boolean
  message?: { chat: StoredChat; from: { id: number }; text: string }
  callbackQuery?: { from: { id: number }; message: { chat: StoredChat } }
}

export interface StoredBotMessage {
  botToken: string
  messageId: number
  message: Record<string, unknown>
}

/** The parts of the package that are used here; its own types need a package that it does not bring. */
export interface TelegramServer {
  config: { apiURL: string }
  storage: { userMessages: StoredUpdate[]; botMessages: StoredBotMessage[] }
  webServer: RequestListener & { settings: unknown }
  addBotMessage(message: object, botToken: string): { message_id: number }
  addUserMessage(message: object): Promise<void>
  addUserCommand(message: object): Promise<void>
  addUserCallback(query: object): Promise<void>
  getUpdatesHistory(botToken: string): unknown[]
  start(): Promise<void>
  stop(): Promise<unknown>
}

interface Constructor {
  new (options: { port: number; host: string; storeTimeout: number }): TelegramServer
  formatUpdate(update: StoredUpdate): { update_id: number; message?: { botToken?: string } }
}

// Required, not imported: its module is its class and has no names.
export const TelegramServer = createRequire(import.meta.url)('telegram-test-api') as Constructor

/** An update as a bot gets it. */
export function toUpdate(stored: StoredUpdate): { update_id: number } {
  const update = TelegramServer.formatUpdate(stored)
  if (update.message) delete update.message.botToken // Telegram tells nobody
  return update
}
