import { type ChatPerson, findPerson } from './people.ts'
import type { TelegramServer } from './telegram-server.ts'

/** What a person sees of a message, whoever wrote it. */
export interface ChatMessage {
  id: number
  from: 'bot' | 'person'
  text: string
  at: number
  buttons: { text: string; url?: string; data?: string }[][]
}

export interface Conversations {
  messagesOf(person: ChatPerson): ChatMessage[]
  write(person: ChatPerson, text: string): Promise<void>
  /** Taps a button of a message; false when the bot has taken it away. */
  tap(person: ChatPerson, messageId: number, data: string): Promise<boolean>
}

/** What the emulator keeps of messages in either direction, as far as it matters here. */
interface Stored {
  time: number
  messageId: number
  message?: {
    text: string
    chat_id?: number | string
    from?: { id: number }
    chat?: { id: number }
    reply_markup?: { inline_keyboard?: { text: string; url?: string; callback_data?: string }[][] }
  }
}

const bot = { id: 666, first_name: 'Common Purse', username: 'TestNameBot', is_bot: true }
const chatOf = ({ id, first_name, username }: ChatPerson) => ({
  id,
  first_name,
  username,
  type: 'private' as const,
})
const seconds = () => Math.floor(Date.now() / 1000)

/** The private chats of the page's people with the bot, kept by the emulator. */
export function createConversations(server: TelegramServer, botToken: string): Conversations {
  const messagesOf = (person: ChatPerson) =>
    (server.getUpdatesHistory(botToken) as unknown as Stored[])
      .filter((stored) => chatIdOf(stored) === String(person.id))
      .map(toMessage)
  return {
    messagesOf,
    write: async (person, text) => {
      const message = { botToken, from: person, chat: chatOf(person), date: seconds(), text }
      const [command] = /^\/\w+(@\w+)?/.exec(text) ?? []
      if (command === undefined) return await server.addUserMessage(message)
      const entities = [{ type: 'bot_command', offset: 0, length: command.length }]
      await server.addUserCommand({ ...message, entities })
    },
    tap: async (person, messageId, data) => {
      const tapped = messagesOf(person).find(({ id }) => id === messageId)
      if (!tapped?.buttons.flat().some((button) => button.data === data)) return false
      const message = {
        message_id: messageId,
        from: bot,
        chat: chatOf(person),
        date: seconds(),
        text: tapped.text,
      }
      await server.addUserCallback({ botToken, from: person, message, data, date: seconds() })
      return true
    },
  }
}

/** Taps are not messages and belong to no place in the chat. */
const chatIdOf = ({ message }: Stored): string | undefined => {
  const id = message?.chat?.id ?? message?.chat_id
  return id === undefined ? undefined : String(id)
}

const toMessage = ({ time, messageId, message }: Stored): ChatMessage => ({
  id: messageId,
  from: findPerson(message!.from?.id) ? 'person' : 'bot',
  text: message!.text,
  at: time,
  buttons: (message!.reply_markup?.inline_keyboard ?? []).map((row) =>
    row.map(({ text, url, callback_data }) => ({
      text,
      ...(url === undefined ? {} : { url }),
      ...(callback_data === undefined ? {} : { data: callback_data }),
    })),
  ),
})
