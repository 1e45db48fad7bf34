import type { EntryProblem } from '../parse-entry.ts'
import type { InEach } from './language.ts'

/** What a card says of an entry, ready to be shown. */
export interface CardTexts {
  type: 'expense' | 'income' | 'transfer'
  amount: string
  account: string
  to?: string | undefined
  description?: string | undefined
  category?: string | undefined
}

/** Writing down what was spent or came in, and the card that asks before money moves. */
export interface EntryTexts {
  problem: Record<EntryProblem, string>
  unknownAccount(names: string): string
  severalAccounts(names: string): string
  sameAccount: string
  /** To an account that not the whole family sees, named in a group. */
  notHere: string
  otherCurrency(from: string, to: string): string
  unknownCategory(names: string): string
  noCategories: string
  noCategoryHere: string
  /** The currency has so many decimal places. */
  places(currency: string, places: number): string
  card(entry: CardTexts): string
  /** What the purse says beforehand of an entry that nobody has confirmed yet. */
  willWait(who: string): string
  short(available: string | undefined): string
  /** The person went on to another family since the card was shown. */
  otherFamily: string
  edited: string
  forwarded: string
  media: string
  cancelled: string
  /** Nobody knows yet whether a confirmed entry was booked. */
  unclear: string
  again: string
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
      twice:
        'I see two numbers. Write the amount without spaces, such as 12500, or put a word between: 5 for 2 breads',
      huge: 'That is more than I can write down.',
      currencies: 'I do not understand the currency. Write it once, such as 12.50 EUR or 12.50 €.',
      zero: 'The amount must be more than zero.',
      long: 'Please describe it in 200 characters or fewer.',
    },
    unknownAccount: (names) => `I know no such account. You have: ${names}`,
    severalAccounts: (names) => `Which one do you mean? ${names}`,
    sameAccount: 'A transfer needs two accounts. For example: 100 @wallet > @savings',
    notHere:
      'Not the whole family sees this account, so I do not show it in a group. Write the entry to me here instead.',
    otherCurrency: (from, to) =>
      `A transfer stays in one currency, and these are ${from} and ${to}. Write down a spending and an income instead.`,
    unknownCategory: (names) => `I know no such category. You have: ${names}`,
    noCategories: 'Your family has no categories yet; make some on the web, or leave the # out.',
    noCategoryHere: 'A transfer stays in the family, so it has no category. Leave the # out.',
    places: (currency, places) =>
      places === 0
        ? `${currency} has no decimal places: write a whole number such as 1250.`
        : `${currency} has ${places} decimal places, so no more than ${places} digits after the point.`,
    card: ({ type, amount, account, to, description, category }) =>
      [
        { expense: `Spend ${amount}?`, income: `Receive ${amount}?`, transfer: `Move ${amount}?` }[type],
        ...(description === undefined ? [] : [`For: ${description}`]),
        `${type === 'income' ? 'Into' : 'From'}: ${account}`,
        ...(to === undefined ? [] : [`Into: ${to}`]),
        ...(category === undefined ? [] : [`Category: ${category}`]),
      ].join('\n'),
    willWait: (who) => `⏳ It will wait for approval. ${who} can approve it.`,
    short: (available) =>
      available === undefined
        ? '⚠ There is not enough money on it.'
        : `⚠ There is not enough money on it: ${available} can be spent.`,
    otherFamily:
      'This card is of another family than the one you are in now. Nothing was moved; go back with /family, or write it again.',
    edited:
      'I do not read corrections: a card stands for what you wrote first. Cancel it and write a new message; what is booked already, /undo takes back.',
    forwarded: 'I note down only what you write yourself, not what you forward.',
    media: 'I read text only. Write the amount first, then what for: 12.50 coffee',
    unclear:
      'I do not know yet whether it was booked. I keep asking for a while and tell you here; it is never booked twice.',
    again: '🔁 Try again now',
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
      twice: 'Вижу два числа. Напишите сумму без пробелов, например 12500, или вставьте слово: 5 за 2 булки',
      huge: 'Столько я записать не могу.',
      currencies: 'Не понимаю валюту. Напишите её один раз, например 12.50 EUR или 12.50 €.',
      zero: 'Сумма должна быть больше нуля.',
      long: 'Опишите, пожалуйста, не длиннее 200 знаков.',
    },
    unknownAccount: (names) => `Такого счёта я не знаю. У вас есть: ${names}`,
    severalAccounts: (names) => `Какой из них? ${names}`,
    sameAccount: 'Для перевода нужны два счёта. Например: 100 @кошелёк > @копилка',
    notHere:
      'Этот счёт видит не вся семья, поэтому в группе я его не показываю. Напишите эту запись мне сюда.',
    otherCurrency: (from, to) =>
      `Перевод идёт в одной валюте, а здесь ${from} и ${to}. Запишите вместо него трату и поступление.`,
    unknownCategory: (names) => `Такой категории я не знаю. Есть: ${names}`,
    noCategories: 'В вашей семье пока нет категорий; создайте их на сайте или напишите без #.',
    noCategoryHere: 'Перевод остаётся в семье, категории у него нет. Напишите без #.',
    places: (currency, places) =>
      places === 0
        ? `У ${currency} нет дробной части: напишите целое число, например 1250.`
        : `У ${currency} после запятой не больше ${places} знаков.`,
    card: ({ type, amount, account, to, description, category }) =>
      [
        {
          expense: `Потратить ${amount}?`,
          income: `Получить ${amount}?`,
          transfer: `Перевести ${amount}?`,
        }[type],
        ...(description === undefined ? [] : [`На что: ${description}`]),
        to === undefined ? `Счёт: ${account}` : `Со счёта: ${account}`,
        ...(to === undefined ? [] : [`На счёт: ${to}`]),
        ...(category === undefined ? [] : [`Категория: ${category}`]),
      ].join('\n'),
    willWait: (who) => `⏳ Будет ждать одобрения. Одобрить может: ${who}.`,
    short: (available) =>
      available === undefined
        ? '⚠ На счёте не хватает денег.'
        : `⚠ На счёте не хватает денег: можно потратить ${available}.`,
    otherFamily:
      'Эта карточка из другой семьи, не из той, где вы сейчас. Деньги не двигались; вернитесь через /family или напишите ещё раз.',
    edited:
      'Исправленные сообщения я не читаю: карточка – о том, что вы написали сначала. Отмените её и напишите новое сообщение; записанное вернёт /undo.',
    forwarded: 'Я записываю только то, что вы пишете сами, а не пересланное.',
    media: 'Я понимаю только текст. Сначала сумма, потом на что: 12.50 кофе',
    unclear:
      'Пока не знаю, записалось ли это. Буду спрашивать ещё какое-то время и сообщу здесь; дважды не запишется.',
    again: '🔁 Попробовать сейчас',
    cancelled: 'Отменено. Деньги не двигались.',
    posted: (account, balance) =>
      balance === undefined ? 'Готово.' : `Готово. На счёте ${account}: ${balance}.`,
    pending: (who, until) => `Ждёт одобрения до ${until}. Сумма пока отложена. Одобрить может: ${who}.`,
    nobody: 'сейчас никто',
  },
}
