import type { AddressInfo } from 'node:net'
import { TelegramServer } from './telegram-server.ts'
import { startChatPage } from './chat-page.ts'
import { createConversations } from './conversations.ts'

export interface EmulatorOptions {
  /** Of the Bot API. */
  port: number
  /** Of the chat page. */
  chatPort: number
  botToken: string
}

export interface TelegramEmulator {
  apiRoot: string
  chatUrl: string
  stop(): Promise<void>
}

const HOST = '127.0.0.1'
const STORE_SECONDS = 86_400

/** Starts the emulator and a page through which a person talks to the bot; both for this machine alone. */
export async function startTelegramEmulator(options: EmulatorOptions): Promise<TelegramEmulator> {
  const server = new TelegramServer({ port: options.port, host: HOST, storeTimeout: STORE_SECONDS })
  startNumbersAt(server, Math.floor(Date.now() / 1000))
  await server.start()
  try {
    const page = await startChatPage({
      host: HOST,
      port: options.chatPort,
      conversations: createConversations(server, options.botToken),
    })
    const { port } = page.address() as AddressInfo
    return {
      apiRoot: server.config.apiURL,
      chatUrl: `http://${HOST}:${port}/`,
      stop: async () => {
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
