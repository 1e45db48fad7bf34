import { randomInt } from 'node:crypto'
import { findFreePort } from '../../../tools/launcher/free-port.ts'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { createStopStack } from '@common-purse/kit/stop-stack'
import { Redis } from 'ioredis'
import { pino } from 'pino'
import { eventually } from '../../../tests/support/eventually.ts'
import { type House, startHouse } from '../../../tests/support/house.ts'
import { startTelegramEmulator, type TelegramEmulator } from '../../../tools/telegram/emulator.ts'
import { loadConfig } from '../src/config.ts'
import { startBot } from '../src/start.ts'

export interface ChatMessage {
  id: number
  from: 'bot' | 'person'
  text: string
  buttons: { text: string; url?: string; data?: string }[][]
}

/** A chat of one of the emulator's people with the bot. */
export interface Chat {
  messages(): Promise<ChatMessage[]>
  /** Writes, and waits for the bot's next message. */
  ask(text: string): Promise<ChatMessage>
  tap(message: ChatMessage, button: string): Promise<void>
  /** Waits until the bot has written or changed a message so that it fits. */
  see(pattern: RegExp): Promise<ChatMessage>
}

export interface Proxy {
  url: string
  /** Cuts what runs through and lets nothing more through. */
  cut(): void
  mend(): void
}

export interface BotHouse {
  house: House
  emulator: TelegramEmulator
  botToken: string
  redis: Redis
  /** Stand between the bot and the gateway, and between the bot and Redis. */
  gateway: Proxy
  memory: Proxy
  logs: string[]
  chat(personId: number): Chat
  /** Sends an update as the emulator's own client would. */
  send(kind: 'sendMessage' | 'sendCallback', body: Record<string, unknown>): Promise<void>
  /** What the bot wrote to a chat that the page does not show. */
  written(chatId: number): Promise<string[]>
  /** Stops the bot, lets something happen without it, and starts it again. */
  restartBot(meanwhile?: () => Promise<unknown>): Promise<void>
  stop(): Promise<void>
}

async function startProxy(target: string): Promise<Proxy & { close(): void }> {
  const { hostname, port, protocol, username, password } = new URL(target)
  const login = password === '' ? '' : `${username}:${password}@`
  const sockets = new Set<Socket>()
  let open = true
  const server = createServer((client) => {
    if (!open) return void client.destroy()
    const upstream = connect(Number(port), hostname)
    for (const socket of [client, upstream]) {
      sockets.add(socket)
      socket
        .on('error', () => undefined)
        .on('close', () => (sockets.delete(socket), client.destroy(), upstream.destroy()))
    }
    client.pipe(upstream).pipe(client)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const cut = () => {
    open = false
    for (const socket of sockets) socket.destroy()
  }
  return {
    url: `${protocol}//${login}127.0.0.1:${(server.address() as AddressInfo).port}`,
    cut,
    mend: () => void (open = true),
    close: () => (cut(), void server.close()),
  }
}

const post = async (url: string, body: unknown) => {
  const headers = { 'content-type': 'application/json' }
  const answer = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) })
  if (!answer.ok) throw new Error(`${url}: ${answer.status} ${await answer.text()}`)
  return answer.json()
}

/** How a notice begins, in any language. */
const notice = /^(🔔|💸|🔐|✅|✖|⌛)/u

/** A busy machine may take its time; a test that fails for good says so then. */
const ANSWER_MS = 25_000

const chatsAt =
  (chatUrl: string) =>
  (person: number): Chat => {
    const messages = async () =>
      (await (await fetch(`${chatUrl}api/messages?person=${person}`)).json()) as ChatMessage[]
    // What nobody asked for comes in between; the tests of notices look at phones.
    const ofBot = async () =>
      (await messages()).filter(({ from, text }) => from === 'bot' && !notice.test(text))
    const fits = (pattern: RegExp) => (list: ChatMessage[]) => pattern.test(list.at(-1)?.text ?? '')
    return {
      messages,
      ask: async (text) => {
        // By number: a message that is rewritten meanwhile may become one of those that do not count.
        const before = (await messages()).at(-1)?.id ?? 0
        await post(`${chatUrl}api/messages`, { person, text })
        const isAnswer = ({ id }: ChatMessage) => id > before
        return (await eventually(ofBot, (list) => list.some(isAnswer), ANSWER_MS)).findLast(isAnswer)!
      },
      tap: async (message, button) => {
        const { data } = message.buttons.flat().find(({ text }) => text.includes(button))!
        await post(`${chatUrl}api/taps`, { person, message_id: message.id, data })
      },
      see: async (pattern) => (await eventually(ofBot, fits(pattern), ANSWER_MS)).at(-1)!,
    }
  }

/** Asks the bot for a link, and answers the code in it. */
export async function codeToLink(chat: Chat): Promise<string> {
  const { text } = await chat.ask('/start')
  return /code=([\w-]+)/.exec(text)![1]!
}

async function writtenTo(chatId: number, apiRoot: string, token: string): Promise<string[]> {
  const body = (await post(`${apiRoot}/getUpdatesHistory`, { token })) as {
    result: { message?: { chat_id?: number | string; text: string } }[]
  }
  return body.result
    .filter(({ message }) => String(message?.chat_id) === String(chatId))
    .map(({ message }) => message!.text)
}

/** The whole house with the bot at a stand-in of Telegram. */
export async function startBotHouse(more: Record<string, string> = {}): Promise<BotHouse> {
  const stack = createStopStack()
  const botToken = `${randomInt(1e9)}:test_${'x'.repeat(30)}`
  const emulator = await startTelegramEmulator({
    port: await findFreePort(),
    chatPort: await findFreePort(),
    botToken,
  })
  stack.push(emulator.stop)
  const house = await startHouse({
    services: ['auth', 'ledger', 'audit', 'gateway'],
    env: more,
  })
  stack.push(house.stop)
  const redis = new Redis(house.env['REDIS_URL']!)
  stack.push(() => redis.disconnect())
  const [gateway, memory] = await Promise.all([
    startProxy(house.urls.gateway),
    startProxy(house.env['REDIS_URL']!),
  ])
  stack.push(gateway.close)
  stack.push(memory.close)

  const logs: string[] = []
  const env = {
    ...house.env,
    API_URL: gateway.url,
    REDIS_URL: memory.url,
    TELEGRAM_BOT_TOKEN: botToken,
    TELEGRAM_API_ROOT: emulator.apiRoot,
  }
  const logger = pino({ level: 'trace' }, { write: (line: string) => void logs.push(line) })
  let bot = await startBot(loadConfig(env), logger)
  stack.push(() => bot.stop())

  const chat = chatsAt(emulator.chatUrl)
  return {
    house,
    emulator,
    botToken,
    redis,
    gateway,
    memory,
    logs,
    chat,
    send: async (kind, body) =>
      void (await post(`${emulator.apiRoot}/${kind}`, { botToken, date: 1, ...body })),
    written: (chatId) => writtenTo(chatId, emulator.apiRoot, botToken),
    restartBot: async (meanwhile) => {
      await bot.stop()
      try {
        await meanwhile?.()
      } finally {
        bot = await startBot(loadConfig(env), logger) // the other tests need it
      }
    },
    stop: stack.stop,
  }
}
