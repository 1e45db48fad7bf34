import type { Role } from '@common-purse/contracts'
import { type Family, givenAccount, givenFamily, type Person } from '../../../tests/support/given.ts'
import { type BotHouse, type Chat, codeToLink, startBotHouse } from './support.ts'

/** Links a chat to a person, as they would do it on the page that confirms. */
export async function linkChat(chat: Chat, person: Person): Promise<void> {
  const code = await codeToLink(chat)
  await person.auth.call('confirmTelegramBinding', { body: { code } })
  await chat.see(/this chat is linked/)
}

export interface LinkedFamily {
  family: Family
  owner: Person
  other: Person
  /** Of the owner, and of the other one. */
  ann: Chat
  ben: Chat
}

/** A family of two whose chats are linked: an owner, and somebody with the role. */
export async function givenLinkedFamily(bot: BotHouse, role: Role): Promise<LinkedFamily> {
  const family = await givenFamily(bot.house, [role])
  const [owner, other] = [family.owner, family.people[role]!]
  const [ann, ben] = [bot.chat(111), bot.chat(222)]
  await linkChat(ann, owner)
  await linkChat(ben, other)
  return { family, owner, other, ann, ben }
}

export interface LinkedHouse {
  bot: BotHouse
  house: LinkedFamily
  /** Of the account `Wallet`, which both see. */
  walletId: string
}

/** A bot and a family of an owner and a member, both linked, with so much in their wallet. */
export async function startLinkedHouse(opening_balance: string): Promise<LinkedHouse> {
  const bot = await startBotHouse()
  const house = await givenLinkedFamily(bot, 'member')
  const { id } = await givenAccount(house.owner, { name: 'Wallet', opening_balance })
  return { bot, house, walletId: id }
}

/** Texts with spaces of one kind, as some languages set numbers with others. */
export const even = (text: string): string => text.replaceAll(/[^\S\n]/gu, ' ')

/** A tap that a client would not send by itself. */
export const tapAs = (
  bot: BotHouse,
  from: number,
  tap: { data: string; messageId: number; chatId?: number },
) =>
  bot.send('sendCallback', {
    data: tap.data,
    from: { id: from, first_name: 'Somebody' },
    message: { message_id: tap.messageId, chat: { id: tap.chatId ?? from, type: 'private' } },
  })
