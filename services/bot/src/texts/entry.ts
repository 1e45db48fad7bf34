import type { InEach } from './language.ts'

/** Writing down what was spent or came in, and the card that asks before money moves. */
export interface EntryTexts {
  problem: Record<'empty' | 'amount' | 'zero' | 'long', string>
  unknownAccount(names: string): string
  severalAccounts(names: string): string
  card(type: 'expense' | 'income', amount: string, account: string, description: string | undefined): string
  cancelled: string
  posted(account: string, balance: string | undefined): string
  pending(who: string, until: string): string
  nobody: string
}

export const entryTexts: InEach<EntryTexts> = {
  en: {
    problem: {
      empty: 'How much, and what for? For example: /add 12.50 coffee',
      amount:
        'I did not find the amount. Begin with a number such as 12.50, then say what for: /add 12.50 coffee',
      zero: 'The amount must be more than zero.',
      long: 'Please describe it in 200 characters or fewer.',
    },
    unknownAccount: (names) => `I know no such account. You have: ${names}`,
    severalAccounts: (names) => `Which one do you mean? ${names}`,
    card: (type, amount, account, description) =>
      [
        type === 'expense' ? `Spend ${amount}?` : `Receive ${amount}?`,
        ...(description === undefined ? [] : [`For: ${description}`]),
        `${type === 'expense' ? 'From' : 'Into'}: ${account}`,
      ].join('\n'),
    cancelled: 'Cancelled. Nothing was moved.',
    posted: (account, balance) => (balance === undefined ? 'Done.' : `Done. ${account} now has ${balance}.`),
    pending: (who, until) =>
      `It waits for approval until ${until}. The amount is set aside meanwhile. ${who} can approve it.`,
    nobody: 'Nobody at the moment',
  },
  ru: {
    problem: {
      empty: 'Сколько и на что? Например: /add 12.50 кофе',
      amount: 'Не вижу суммы. Начните с числа, например 12.50, и напишите, на что: /add 12.50 кофе',
      zero: 'Сумма должна быть больше нуля.',
      long: 'Опишите, пожалуйста, не длиннее 200 знаков.',
    },
    unknownAccount: (names) => `Такого счёта я не знаю. У вас есть: ${names}`,
    severalAccounts: (names) => `Какой из них? ${names}`,
    card: (type, amount, account, description) =>
      [
        type === 'expense' ? `Потратить ${amount}?` : `Получить ${amount}?`,
        ...(description === undefined ? [] : [`На что: ${description}`]),
        `Счёт: ${account}`,
      ].join('\n'),
    cancelled: 'Отменено. Деньги не двигались.',
    posted: (account, balance) =>
      balance === undefined ? 'Готово.' : `Готово. На счёте ${account}: ${balance}.`,
    pending: (who, until) => `Ждёт одобрения до ${until}. Сумма пока отложена. Одобрить может: ${who}.`,
    nobody: 'сейчас никто',
  },
}
