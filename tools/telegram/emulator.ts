import type { AddressInfo } from 'node:net'
import { TelegramServer } from './telegram-server.ts'
import { startChatPage } from './chat-page.ts'
import { type Faults, serveBotApi } from './bot-api.ts'
import { createConversations } from './conversations.ts'
import type { Refusal } from './refusal.ts'
import { createUpdates } from './updates.ts'

export interface EmulatorOptions {
  /** Of the Bot API. */
  port: number
  /** Of the chat page. */
  chatPort: number
  botToken: string
  /** Where both listen; this machine alone unless told, as in a container, whose ports are published by somebody else. */
  host?: string
}

export interface TelegramEmulator {
  apiRoot: string
  chatUrl: string
  /** Makes the next calls of a method fail so, one after the other, for tests of what a bot does then. */
  failNext(method: string, refusals: Refusal[]): void
  stop(): Promise<void>
}

const HOST = '127.0.0.1'
const STORE_SECONDS = 86_400

/** Starts the emulator and a page through which a person talks to the bot; both for this machine alone. */
export async function startTelegramEmulator(options: EmulatorOptions): Promise<TelegramEmulator> {
  const host = options.host ?? HOST
  const server = new TelegramServer({ port: options.port, host, storeTimeout: STORE_SECONDS })
  startNumbersAt(server, Math.floor(Date.now() / 1000))
  const updates = createUpdates(server)
  const conversations = createConversations(server, options.botToken)
  const faults: Faults = new Map()
  serveBotApi({ server, updates, signs: conversations.signs, faults })
  await server.start()
  try {
    const page = await startChatPage({
      host,
      port: options.chatPort,
      conversations,
    })
    const { port } = page.address() as AddressInfo
    return {
      apiRoot: server.config.apiURL,
      chatUrl: `http://${HOST}:${port}/`,
      failNext: (method, refusals) => void faults.set(method, [...refusals]),
      stop: async () => {
        updates.stop()
        page.closeAllConnections()
        page.close()
        await server.stop()
      },
    }
  } catch (error) {
    await server.stop()
    throw error
  }
}

/** Real Telegram never gives a number out twice; the emulator would begin at 1 after each start. */
function startNumbersAt(server: TelegramServer, first: number): void {
  Object.assign(server, { updateId: first, messageId: first, callbackId: first })
}
