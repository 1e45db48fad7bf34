import type { Signs } from './bot-api.ts'
import { type ChatPerson, createPeople, group, type Language } from './people.ts'
import type { TelegramServer } from './telegram-server.ts'

/** What a person sees of a message, whoever wrote it. */
export interface ChatMessage {
  id: number
  from: 'bot' | 'person' | 'other'
  /** First name of who wrote it. */
  name: string
  text: string
  /** Milliseconds. */
  at: number
  buttons: { text: string; url?: string; data?: string }[][]
  /** The bot asks for a reply to this very message. */
  asksReply: boolean
}

/** The person's chat with the bot, or the one with everybody. */
export type ChatKind = 'private' | 'group'

export interface Written {
  text: string
  chat: ChatKind
  /** Id of the message that this one replies to. */
  replyTo?: number | undefined
}

export interface Conversations {
  people: ChatPerson[]
  find(id: unknown): ChatPerson | undefined
  setLanguage(person: ChatPerson, language: Language): void
  messagesOf(person: ChatPerson, chat: ChatKind): ChatMessage[]
  write(person: ChatPerson, written: Written): Promise<void>
  /** Taps a button of a message; false when the bot has taken it away. */
  tap(person: ChatPerson, place: { chat: ChatKind; messageId: number }, data: string): Promise<boolean>
  /** What the bot answered to the person's last tap, and whether it is writing. */
  signsFor(person: ChatPerson, chat: ChatKind): { notice: Notice | undefined; typing: boolean }
  commandsFor(person: ChatPerson): Command[]
  signs: Signs
}

export interface Notice {
  /** Milliseconds. */
  at: number
  text: string
}

interface Command {
  command: string
  description: string
}

/** What the emulator keeps of messages in either direction, as far as it matters here. */
interface Stored {
  time: number
  messageId: number
  message?: {
    text: string
    chat_id?: number | string
    from?: { id: number; first_name?: string }
    chat?: { id: number }
    reply_markup?: {
      force_reply?: boolean
      inline_keyboard?: { text: string; url?: string; callback_data?: string }[][]
    }
  }
}

const bot = { id: 666, first_name: 'Common Purse', username: 'TestNameBot', is_bot: true }
const privateChatOf = ({ id, first_name, username }: ChatPerson) => ({
  id,
  first_name,
  username,
  type: 'private' as const,
})
const chatOf = (person: ChatPerson, kind: ChatKind) => (kind === 'group' ? group : privateChatOf(person))
const seconds = () => Math.floor(Date.now() / 1000)
/** Telegram shows it for so long. */
const TYPING_MS = 5_000

/** The chats of the page's people with the bot, kept by the emulator. */
export function createConversations(server: TelegramServer, botToken: string): Conversations {
  const people = createPeople()
  const { signs, ...shown } = createSigns(server)
  const messagesOf = (person: ChatPerson, kind: ChatKind) =>
    (server.getUpdatesHistory(botToken) as unknown as Stored[])
      .filter((stored) => chatIdOf(stored) === String(chatOf(person, kind).id))
      .map((stored) => toMessage(stored, person))

  const write = async (person: ChatPerson, { text, chat, replyTo }: Written) => {
    const replied = messagesOf(person, chat).find(({ id, from }) => id === replyTo && from === 'bot')
    const place = chatOf(person, chat)
    const message = {
      botToken,
      from: { ...person },
      chat: place,
      date: seconds(),
      text,
      ...(replied && {
        reply_to_message: {
          message_id: replied.id,
          from: bot,
          chat: place,
          date: seconds(),
          text: replied.text,
        },
      }),
    }
    const [command] = /^\/\w+(@\w+)?/.exec(text) ?? []
    const entities = [{ type: 'bot_command' as const, offset: 0, length: command?.length ?? 0 }]
    if (command === undefined) await server.addUserMessage(message)
    else await server.addUserCommand({ ...message, entities })
  }

  return {
    people,
    signs,
    find: (id) => people.find((person) => person.id === id),
    setLanguage: (person, language) => void Object.assign(person, { language_code: language }),
    messagesOf,
    write,
    tap: async (person, { chat, messageId }, data) => {
      const tapped = messagesOf(person, chat).find(({ id }) => id === messageId)
      if (!tapped?.buttons.flat().some((button) => button.data === data)) return false
      const place = chatOf(person, chat)
      const message = { message_id: messageId, from: bot, chat: place, date: seconds(), text: tapped.text }
      await server.addUserCallback({ botToken, from: { ...person }, message, data, date: seconds() })
      return true
    },
    signsFor: (person, chat) => shown.of(person, String(chatOf(person, chat).id)),
    commandsFor: (person) => shown.commandsIn(person.language_code),
  }
}

/** What the bot shows besides messages. */
function createSigns(server: TelegramServer) {
  const notices = new Map<number, Notice>()
  const typing = new Map<string, number>()
  const menus = new Map<string | undefined, Command[]>()
  const whoTapped = (callbackId: string) =>
    server.storage.userMessages.find((update) => String(update.callbackId) === callbackId)?.callbackQuery
      ?.from.id
  const signs: Signs = {
    answered: (callbackId, text) => {
      const person = whoTapped(callbackId)
      if (person !== undefined && text !== undefined) notices.set(person, { at: Date.now(), text })
    },
    typing: (chatId) => void typing.set(chatId, Date.now() + TYPING_MS),
    commands: (language, commands) => void menus.set(language, commands),
  }
  return {
    signs,
    of: ({ id }: ChatPerson, chatId: string) => ({
      notice: notices.get(id),
      typing: (typing.get(chatId) ?? 0) > Date.now(),
    }),
    commandsIn: (language: string) => menus.get(language) ?? menus.get(undefined) ?? [],
  }
}

/** Taps are not messages and belong to no place in the chat. */
const chatIdOf = ({ message }: Stored): string | undefined => {
  const id = message?.chat?.id ?? message?.chat_id
  return id === undefined ? undefined : String(id)
}

const toMessage = ({ time, messageId, message }: Stored, viewer: ChatPerson): ChatMessage => {
  const { text, from, reply_markup: markup } = message!
  return {
    id: messageId,
    from: from === undefined ? 'bot' : from.id === viewer.id ? 'person' : 'other',
    name: from?.first_name ?? bot.first_name,
    text,
    at: time,
    asksReply: markup?.force_reply === true,
    buttons: (markup?.inline_keyboard ?? []).map((row) =>
      row.map(({ text: label, url, callback_data }) => ({
        text: label,
        ...(url === undefined ? {} : { url }),
        ...(callback_data === undefined ? {} : { data: callback_data }),
      })),
    ),
  }
}
