import { createRequire } from 'node:module'
import type { TelegramServer as Server } from 'telegram-test-api/lib/telegramServer.js'

// Required, not imported: its module is its class and has no names.
const emulator = createRequire(import.meta.url)('telegram-test-api') as typeof Server

export const TelegramServer = emulator
export type TelegramServer = Server
