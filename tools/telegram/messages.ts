import { type Parameters, refuse } from './refusal.ts'
import type { TelegramServer } from './telegram-server.ts'

const TEXT_MAX = 4096
const DATA_BYTES_MAX = 64

interface Button {
  text?: string
  url?: string
  callback_data?: string
}

interface Markup {
  inline_keyboard?: Button[][]
}

/** Sends a text of the bot to a chat, where Telegram would. */
export function sendMessage(server: TelegramServer, token: string, parameters: Parameters): unknown {
  const markup = readMarkup(parameters['reply_markup'])
  const text = readText(parameters['text'])
  if (!/^-?\d+$/.test(String(parameters['chat_id']))) throw refuse(400, 'Bad Request: chat not found')
  const stored = { ...parameters, text, ...(markup ? { reply_markup: markup } : {}) }
  const sent = server.addBotMessage(stored, token)
  return toResult(sent.message_id, parameters['chat_id'], text, markup)
}

/** Changes text and buttons; buttons that are not given are taken away, as at Telegram. */
export function editMessageText(server: TelegramServer, token: string, parameters: Parameters): unknown {
  return edit(server, token, { ...parameters, text: readText(parameters['text']) })
}

export const editMessageReplyMarkup = (
  server: TelegramServer,
  token: string,
  parameters: Parameters,
): unknown => edit(server, token, parameters)

function edit(server: TelegramServer, token: string, parameters: Parameters): unknown {
  const { chat_id: chatId, message_id: id } = parameters
  const stored = server.storage.botMessages.find(
    (message) =>
      message.botToken === token &&
      String(message.messageId) === String(id) &&
      String(message.message['chat_id']) === String(chatId),
  )
  if (!stored) throw refuse(400, 'Bad Request: message to edit not found')
  const markup = readMarkup(parameters['reply_markup'])
  const before = stored.message
  const text = String(parameters['text'] ?? before['text'])
  const seen = (some: string, buttons: unknown) => JSON.stringify([some, buttons ?? { inline_keyboard: [] }])
  if (seen(text, markup) === seen(String(before['text']), before['reply_markup']))
    throw refuse(400, 'Bad Request: message is not modified')
  const { reply_markup: _, ...rest } = before
  stored.message = {
    ...rest,
    text,
    ...(markup ? { reply_markup: markup } : {}),
  }
  return toResult(stored.messageId, chatId, text, markup)
}

const toResult = (id: number, chatId: unknown, text: string, markup: Markup | undefined) => ({
  message_id: id,
  date: Math.floor(Date.now() / 1000),
  chat: { id: Number(chatId), type: Number(chatId) < 0 ? 'group' : 'private' },
  text,
  ...(markup?.inline_keyboard ? { reply_markup: markup } : {}),
})

function readText(text: unknown): string {
  if (typeof text !== 'string' || text.trim() === '') throw refuse(400, 'Bad Request: message text is empty')
  if (text.length > TEXT_MAX) throw refuse(400, 'Bad Request: message is too long')
  return text
}

function readMarkup(value: unknown): Markup | undefined {
  const markup = (typeof value === 'string' ? JSON.parse(value) : value) as Markup | null | undefined
  markup?.inline_keyboard?.flat().forEach(checkButton)
  return markup ?? undefined
}

function checkButton({ text, url, callback_data: data }: Button): void {
  if (!text || (url === undefined) === (data === undefined))
    throw refuse(400, "Bad Request: can't parse inline keyboard button")
  if (Buffer.byteLength(data ?? '') > DATA_BYTES_MAX) throw refuse(400, 'Bad Request: BUTTON_DATA_INVALID')
}
