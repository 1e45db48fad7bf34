import { randomInt } from 'node:crypto'
import { eventually } from '../../../tests/support/eventually.ts'
import type { Person } from '../../../tests/support/given.ts'
import type { BotHouse } from './support.ts'

export interface Received {
  id: number
  text: string
  buttons: { text: string; data?: string }[]
}

/** The Telegram of somebody who is not on the chat page; each has a number of their own. */
export interface Phone {
  id: number
  /** What the bot wrote to them, the oldest at the front. */
  received(): Promise<Received[]>
  write(text: string): Promise<void>
  /** Waits for a message that fits, wherever it stands among the others. */
  see(pattern: RegExp): Promise<Received>
  /** Waits until the message reads so. */
  seeChanged(message: Received, pattern: RegExp): Promise<Received>
  tap(message: Received, button: string): Promise<void>
}

interface Kept {
  messageId: number
  message?: {
    text: string
    chat_id?: number | string
    reply_markup?: { inline_keyboard?: { text: string; callback_data?: string }[][] }
  }
}

export function newPhone(bot: BotHouse, language_code = 'en'): Phone {
  const id = randomInt(1_000_000_000, 2_000_000_000)
  const from = { id, first_name: `P${id}`, language_code, is_bot: false }
  const chat = { id, type: 'private' as const, first_name: from.first_name }
  const received = async () => {
    const answer = await fetch(`${bot.emulator.apiRoot}/getUpdatesHistory`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ token: bot.botToken }),
    })
    const { result } = (await answer.json()) as { result: Kept[] }
    return result.filter(({ message }) => String(message?.chat_id) === String(id)).map(toReceived)
  }
  const seeWhere = async (fits: (message: Received) => boolean, timeoutMs = 60_000) =>
    (await eventually(received, (all) => all.some(fits), timeoutMs)).findLast(fits)!
  return {
    id,
    received,
    write: (text) => bot.send('sendMessage', { from, chat, text }),
    see: (pattern) => seeWhere(({ text }) => pattern.test(text)),
    seeChanged: (message, pattern) => seeWhere((now) => now.id === message.id && pattern.test(now.text)),
    tap: (message, button) => {
      const { data } = message.buttons.find(({ text }) => text.includes(button))!
      return bot.send('sendCallback', {
        data,
        from,
        message: { message_id: message.id, chat, text: message.text },
      })
    },
  }
}

const toReceived = ({ messageId, message }: Kept): Received => ({
  id: messageId,
  text: message!.text,
  buttons: (message!.reply_markup?.inline_keyboard ?? []).flat().map(({ text, callback_data }) => ({
    text,
    ...(callback_data === undefined ? {} : { data: callback_data }),
  })),
})

/** A phone whose Telegram account is linked to this person. */
export async function linkedPhone(bot: BotHouse, person: Person, language?: string): Promise<Phone> {
  const phone = newPhone(bot, language)
  await phone.write('/start')
  const { text } = await phone.see(/code=/)
  await person.auth.call('confirmTelegramBinding', { body: { code: /code=([\w-]+)/.exec(text)![1]! } })
  await phone.see(/is linked|привязан/)
  return phone
}
