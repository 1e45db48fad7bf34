import { randomBytes, randomInt } from 'node:crypto'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { createStopStack } from '../../../libs/kit/src/stop-stack.ts'
import { startTelegramEmulator } from '../../../tools/telegram/emulator.ts'
import { eventually } from '../../support/eventually.ts'
import { type Family, givenAccount, givenFamily, type Person } from '../../support/given.ts'
import { type House, startHouse } from '../../support/house.ts'
import { freePort, type ServiceProcess, startServiceProcess } from '../../support/service-process.ts'

export interface ChatMessage {
  id: number
  from: 'bot' | 'person' | 'other'
  text: string
  buttons: { text: string; data?: string }[][]
}

/** A chat of one of the emulator's people with the bot. */
export interface Chat {
  messages(): Promise<ChatMessage[]>
  write(text: string): Promise<void>
  /** Taps a button of a message, which may have changed since. */
  tap(message: ChatMessage, button: string): Promise<void>
  /** The newest message of the bot that fits, as soon as there is one. */
  see(pattern: RegExp): Promise<ChatMessage>
}

/** Stands before one or more servers, and brings each connection to the next. */
export interface Door {
  port: number
  /** What is asked arrives, and no answer comes back, until it is opened. */
  holdAnswers(): void
  open(): void
  close(): void
}

export interface Replicas {
  house: House
  family: Family
  chatUrl: string
  /** Before the gateway, as the bots see it. */
  gateway: Door
  bots: ServiceProcess[]
  /** The address that Telegram brings updates to; undefined where it is asked. */
  webhook: { url: string; secret: string } | undefined
  chat(person: number): Chat
  link(chat: Chat, person: Person): Promise<void>
  stop(): Promise<void>
}

const PATIENCE_MS = 40_000

async function startDoor(ports: () => number[]): Promise<Door> {
  const clients = new Set<Socket>()
  const upstreams = new Set<Socket>()
  let holding = false
  let turn = 0
  const server = createServer((client) => {
    const all = ports()
    const upstream = connect(all[turn++ % all.length]!, '127.0.0.1')
    for (const socket of [client, upstream])
      socket.on('error', () => undefined).on('close', () => (client.destroy(), upstream.destroy()))
    clients.add(client)
    upstreams.add(upstream)
    client.pipe(upstream).pipe(client)
    if (holding) upstream.pause()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    port: (server.address() as AddressInfo).port,
    holdAnswers: () => {
      holding = true
      for (const upstream of upstreams) upstream.pause()
    },
    open: () => {
      holding = false
      for (const upstream of upstreams) upstream.resume()
    },
    close: () => {
      for (const socket of [...clients, ...upstreams]) socket.destroy()
      server.close()
    },
  }
}

const post = async (url: string, body: unknown) => {
  const headers = { 'content-type': 'application/json' }
  const answer = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) })
  if (!answer.ok) throw new Error(`${url}: ${answer.status} ${await answer.text()}`)
}

const chatsAt =
  (chatUrl: string) =>
  (person: number): Chat => {
    const messages = async () =>
      (await (await fetch(`${chatUrl}api/messages?person=${person}`)).json()) as ChatMessage[]
    return {
      messages,
      write: (text) => post(`${chatUrl}api/messages`, { person, text }),
      tap: async (message, button) => {
        const { data } = message.buttons.flat().find(({ text }) => text.includes(button))!
        await post(`${chatUrl}api/taps`, { person, message_id: message.id, data })
      },
      see: async (pattern) => {
        const find = async () =>
          (await messages()).findLast(({ from, text }) => from === 'bot' && pattern.test(text))
        return (await eventually(find, (found) => found !== undefined, PATIENCE_MS))!
      },
    }
  }

async function link(chat: Chat, person: Person): Promise<void> {
  await chat.write('/start')
  const { text } = await chat.see(/code=/)
  await person.auth.call('confirmTelegramBinding', { body: { code: /code=([\w-]+)/.exec(text)![1]! } })
  await chat.see(/this chat is linked/)
}

/** A house, a Telegram, and two bots as processes that can be killed. */
export async function startReplicas({ webhook }: { webhook: boolean }): Promise<Replicas> {
  const stack = createStopStack()
  const botToken = `${randomInt(1e9)}:test_${'x'.repeat(30)}`
  const ports = { port: await freePort(), chatPort: await freePort() }
  const emulator = await startTelegramEmulator({ ...ports, botToken })
  stack.push(emulator.stop)
  try {
    const house = await startHouse({ services: ['auth', 'ledger', 'audit', 'gateway'] })
    stack.push(house.stop)
    const gateway = await startDoor(() => [Number(new URL(house.urls.gateway).port)])
    stack.push(gateway.close)
    const webhookPorts = [await freePort(), await freePort()]
    const door = await startDoor(() => webhookPorts)
    stack.push(door.close)
    const secret = randomBytes(32).toString('base64url')
    const url = `http://127.0.0.1:${door.port}/telegram`
    const env = {
      ...house.env,
      API_URL: `http://127.0.0.1:${gateway.port}`,
      TELEGRAM_BOT_TOKEN: botToken,
      TELEGRAM_API_ROOT: emulator.apiRoot,
      ...(webhook ? { TELEGRAM_WEBHOOK_URL: url, TELEGRAM_WEBHOOK_SECRET: secret } : {}),
    }
    const bots: ServiceProcess[] = []
    for (const port of webhookPorts) {
      bots.push(await startServiceProcess('bot', { ...env, WEBHOOK_PORT: String(port) }))
      stack.push(bots.at(-1)!.stop)
    }
    const family = await givenFamily(house, ['member'])
    await givenAccount(family.owner, { name: 'Wallet', opening_balance: '1000.00' })
    const chat = chatsAt(emulator.chatUrl)
    const brought = webhook ? { url, secret } : undefined
    return {
      house,
      family,
      chatUrl: emulator.chatUrl,
      gateway,
      bots,
      webhook: brought,
      chat,
      link,
      stop: stack.stop,
    }
  } catch (error) {
    await stack.stop()
    throw error
  }
}

/** The replica that asks Telegram for updates now. */
export async function pollerOf(bots: ServiceProcess[]): Promise<ServiceProcess> {
  const polls = async ({ opsUrl }: ServiceProcess) =>
    /^bot_polling\{[^}]*\} 1$/m.test(await (await fetch(`${opsUrl}/metrics`)).text())
  const find = async () => {
    const all = await Promise.all(bots.map(async (bot) => ((await polls(bot)) ? [bot] : [])))
    return all.flat()
  }
  return (await eventually(find, ({ length }) => length === 1, PATIENCE_MS))[0]!
}

/** How many spendings of the family have this description. */
export const bookedIn = async ({ owner }: Family, description: string): Promise<number> =>
  (await owner.ledger.call('listTransactions', { query: { type: 'expense' } })).items.filter(
    (one) => one.description === description,
  ).length
