import type { InEach } from './language.ts'

export interface StartTexts {
  hello(name: string, family: string): string
  link(seconds: number): string
  linkButton: string
  linked(name: string, family: string): string
  /** `bot` is the address of the private chat. */
  privately(bot: string): string
}

export const startTexts: InEach<StartTexts> = {
  en: {
    hello: (name, family) =>
      `Hello ${name}! You keep money together with “${family}”.\n\nWrite what you spent, such as\n12.50 coffee\nand I note it down once you confirm. /balance shows what is there, /help shows the rest.`,
    link: (seconds) =>
      `Welcome to Common Purse, your family’s shared money.\n\nFirst tell me who you are: open the link, sign in, and confirm that this Telegram account is yours. The link is good for ${Math.round(seconds / 60)} minutes and for nobody but you.`,
    linkButton: 'Link my account',
    linked: (name, family) =>
      `Done, ${name}: this chat is linked, and you are in “${family}”.\n\n/balance shows what is there. To note a spending, write it down: 12.50 coffee`,
    privately: (bot) => `Linking an account is between the two of us. Write /start to me in private: ${bot}`,
  },
  ru: {
    hello: (name, family) =>
      `Здравствуйте, ${name}! Вы ведёте деньги вместе: «${family}».\n\nНапишите, что потратили, например\n12.50 кофе\nи после подтверждения я это запишу. /balance покажет остатки, /help – остальное.`,
    link: (seconds) =>
      `Это Common Purse – общие деньги вашей семьи.\n\nСначала скажите, кто вы: откройте ссылку, войдите и подтвердите, что этот Telegram ваш. Ссылка действует ${Math.round(seconds / 60)} минут и предназначена только вам.`,
    linkButton: 'Привязать аккаунт',
    linked: (name, family) =>
      `Готово, ${name}: чат привязан, вы в семье «${family}».\n\n/balance покажет остатки. Чтобы записать трату, напишите её: 12.50 кофе`,
    privately: (bot) => `Привязка – только между нами. Напишите мне /start лично: ${bot}`,
  },
}
