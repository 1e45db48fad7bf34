import type { InEach } from './language.ts'

export interface HelpTexts {
  text: string
  /** The menu in Telegram's own app, in its order. */
  commands: Record<'balance' | 'add' | 'start' | 'help', string>
}

export const helpTexts: InEach<HelpTexts> = {
  en: {
    text: [
      '/balance – your accounts and what is in them',
      '/add 12.50 coffee – note a spending; I ask before money moves',
      '/add +2000 salary – money that came in',
      '/add 5 bread @cash – from the account whose name begins with “cash”',
      '/start – link this Telegram account, or say hello',
      '',
      'In our private chat you can leave out /add: 12.50 coffee',
    ].join('\n'),
    commands: {
      balance: 'Accounts and what is in them',
      add: 'Note a spending: /add 12.50 coffee',
      start: 'Link this account',
      help: 'What I can do',
    },
  },
  ru: {
    text: [
      '/balance – ваши счета и остатки',
      '/add 12.50 кофе – записать трату; перед движением денег я спрошу',
      '/add +2000 зарплата – поступление',
      '/add 5 хлеб @нал – со счёта, название которого начинается на «нал»',
      '/start – привязать этот Telegram или поздороваться',
      '',
      'В личном чате можно без /add: 12.50 кофе',
    ].join('\n'),
    commands: {
      balance: 'Счета и остатки',
      add: 'Записать трату: /add 12.50 кофе',
      start: 'Привязать аккаунт',
      help: 'Что я умею',
    },
  },
}
