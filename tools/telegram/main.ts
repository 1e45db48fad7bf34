import { readFileSync } from 'node:fs'
import { startTelegramEmulator } from './emulator.ts'

/** A Telegram for a newcomer's machine: the Bot API on PORT, and a chat page on CHAT_PORT. */
const { PORT, CHAT_PORT, HOST, TELEGRAM_BOT_TOKEN = readSecret() } = process.env
if (!PORT || !CHAT_PORT || !TELEGRAM_BOT_TOKEN) {
  console.error('The Telegram emulator needs PORT, CHAT_PORT and TELEGRAM_BOT_TOKEN')
  process.exit(1)
}
const emulator = await startTelegramEmulator({
  port: Number(PORT),
  chatPort: Number(CHAT_PORT),
  botToken: TELEGRAM_BOT_TOKEN,
  ...(HOST ? { host: HOST } : {}),
})
console.log(`Telegram emulator: Bot API ${emulator.apiRoot}, chat page ${emulator.chatUrl}`)

function readSecret(): string | undefined {
  const file = process.env['TELEGRAM_BOT_TOKEN_FILE']
  return file ? readFileSync(file, 'utf8').trim() : undefined
}

let stopping = false
const stop = () => {
  if (stopping) return
  stopping = true
  void emulator.stop().finally(() => process.exit(0))
}
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, stop)
// A launcher that was killed cannot send a signal; its end closes the channel.
if (process.channel) process.on('disconnect', stop)
