/** Everything the bot says in words of its own; a function where something is filled in. */
export interface Texts {
  hello(name: string, family: string): string
  link(seconds: number): string
  linkButton: string
  linked(name: string, family: string): string
  startPrivately(bot: string): string
  writeFirst(bot: string): string
  sentPrivately: string
  help: string
  commands: Record<'balance' | 'add' | 'start' | 'help', string>
  balances(family: string): string
  available(available: string, pending: string): string
  noAccounts: string
  unknownAccount(names: string): string
  severalAccounts(names: string): string
  entry: Record<'empty' | 'amount' | 'zero' | 'long', string>
  card(type: 'expense' | 'income', amount: string, account: string, description: string | undefined): string
  confirm: string
  cancel: string
  cancelled: string
  expired: string
  notYours: string
  underWay: string
  posted(account: string, balance: string | undefined): string
  pending(who: string, until: string): string
  nobody: string
  trail(family: string, entries: number, head: string): string
  notUnderstood: string
  trouble: Record<
    'apiAway' | 'memoryAway' | 'notLinked' | 'denied' | 'funds' | 'gone' | 'limited' | 'broken',
    string
  >
  requestId(id: string): string
}

const en: Texts = {
  hello: (name, family) =>
    `Hello ${name}! You keep money together with “${family}”.\n\nWrite what you spent, such as\n12.50 coffee\nand I note it down once you confirm. /balance shows what is there, /help shows the rest.`,
  link: (seconds) =>
    `Welcome to Common Purse, your family’s shared money.\n\nFirst tell me who you are: open the link, sign in, and confirm that this Telegram account is yours. The link is good for ${Math.round(seconds / 60)} minutes and for nobody but you.`,
  linkButton: 'Link my account',
  linked: (name, family) =>
    `Done, ${name}: this chat is linked, and you are in “${family}”.\n\n/balance shows what is there. To note a spending, write it down: 12.50 coffee`,
  startPrivately: (bot) =>
    `Linking an account is between the two of us. Write /start to me in private: ${bot}`,
  writeFirst: (bot) => `I cannot write to you yet. Open a private chat with me and send /start: ${bot}`,
  sentPrivately: 'I have sent it to you in private.',
  help: [
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
  balances: (family) => `“${family}”`,
  available: (available, pending) => `available ${available}, waiting ${pending}`,
  noAccounts: 'You have no open account yet. Open one on the web, then come back.',
  unknownAccount: (names) => `I know no such account. You have: ${names}`,
  severalAccounts: (names) => `Which one do you mean? ${names}`,
  entry: {
    empty: 'How much, and what for? For example: /add 12.50 coffee',
    amount:
      'I did not find the amount. Begin with a number such as 12.50, then say what for: /add 12.50 coffee',
    zero: 'The amount must be more than zero.',
    long: 'Please describe it in 200 characters or fewer.',
  },
  card: (type, amount, account, description) =>
    [
      type === 'expense' ? `Spend ${amount}?` : `Receive ${amount}?`,
      ...(description === undefined ? [] : [`For: ${description}`]),
      `${type === 'expense' ? 'From' : 'Into'}: ${account}`,
    ].join('\n'),
  confirm: '✅ Confirm',
  cancel: '✖ Cancel',
  cancelled: 'Cancelled. Nothing was moved.',
  expired: 'This card is too old to confirm. Nothing was moved; write it again if you still want it.',
  notYours: 'Only the person who wrote this can answer it.',
  underWay: 'This is being sent already.',
  posted: (account, balance) => (balance === undefined ? 'Done.' : `Done. ${account} now has ${balance}.`),
  pending: (who, until) =>
    `It waits for approval until ${until}. The amount is set aside meanwhile. ${who} can approve it.`,
  nobody: 'Nobody at the moment',
  trail: (family, entries, head) =>
    `The trail of “${family}”: ${entries} ${entries === 1 ? 'entry' : 'entries'}, head ${head}\n\nKeep this message: no entry up to here can be changed so that this number stays the same.`,
  notUnderstood: 'I did not understand that. /help shows what I can do.',
  trouble: {
    apiAway:
      'I cannot reach the purse right now. Please try again in a moment; what was confirmed once is never booked twice.',
    memoryAway:
      'I cannot reach my memory right now, so I do not know who you are. Please try again in a minute.',
    notLinked: 'I do not know who you are yet. Send me /start in our private chat to link your account.',
    denied: 'Your role in the family does not allow this.',
    funds: 'There is not enough money on this account.',
    gone: 'I do not find it any more.',
    limited: 'That was a lot at once. Please wait a little and try again.',
    broken: 'Something broke on our side. Please try again; if it stays, tell us the request id.',
  },
  requestId: (id) => `Request id: ${id}`,
}

const ru: Texts = {
  hello: (name, family) =>
    `Здравствуйте, ${name}! Вы ведёте деньги вместе: «${family}».\n\nНапишите, что потратили, например\n12.50 кофе\nи после подтверждения я это запишу. /balance покажет остатки, /help – остальное.`,
  link: (seconds) =>
    `Это Common Purse – общие деньги вашей семьи.\n\nСначала скажите, кто вы: откройте ссылку, войдите и подтвердите, что этот Telegram ваш. Ссылка действует ${Math.round(seconds / 60)} минут и предназначена только вам.`,
  linkButton: 'Привязать аккаунт',
  linked: (name, family) =>
    `Готово, ${name}: чат привязан, вы в семье «${family}».\n\n/balance покажет остатки. Чтобы записать трату, напишите её: 12.50 кофе`,
  startPrivately: (bot) => `Привязка – только между нами. Напишите мне /start лично: ${bot}`,
  writeFirst: (bot) => `Я пока не могу вам написать. Откройте личный чат со мной и отправьте /start: ${bot}`,
  sentPrivately: 'Отправил вам в личный чат.',
  help: [
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
  balances: (family) => `«${family}»`,
  available: (available, pending) => `доступно ${available}, ожидает ${pending}`,
  noAccounts: 'У вас пока нет открытого счёта. Откройте его на сайте и возвращайтесь.',
  unknownAccount: (names) => `Такого счёта я не знаю. У вас есть: ${names}`,
  severalAccounts: (names) => `Какой из них? ${names}`,
  entry: {
    empty: 'Сколько и на что? Например: /add 12.50 кофе',
    amount: 'Не вижу суммы. Начните с числа, например 12.50, и напишите, на что: /add 12.50 кофе',
    zero: 'Сумма должна быть больше нуля.',
    long: 'Опишите, пожалуйста, не длиннее 200 знаков.',
  },
  card: (type, amount, account, description) =>
    [
      type === 'expense' ? `Потратить ${amount}?` : `Получить ${amount}?`,
      ...(description === undefined ? [] : [`На что: ${description}`]),
      `Счёт: ${account}`,
    ].join('\n'),
  confirm: '✅ Подтвердить',
  cancel: '✖ Отменить',
  cancelled: 'Отменено. Деньги не двигались.',
  expired: 'Эта карточка устарела. Деньги не двигались; если нужно, напишите ещё раз.',
  notYours: 'Ответить может только тот, кто это написал.',
  underWay: 'Это уже отправляется.',
  posted: (account, balance) =>
    balance === undefined ? 'Готово.' : `Готово. На счёте ${account}: ${balance}.`,
  pending: (who, until) => `Ждёт одобрения до ${until}. Сумма пока отложена. Одобрить может: ${who}.`,
  nobody: 'сейчас никто',
  trail: (family, entries, head) =>
    `Журнал «${family}»: записей ${entries}, конец ${head}\n\nСохраните это сообщение: ни одну запись до этого места нельзя изменить так, чтобы это число осталось прежним.`,
  notUnderstood: 'Не понял. /help покажет, что я умею.',
  trouble: {
    apiAway:
      'Сейчас не получается связаться с кошельком. Попробуйте чуть позже; подтверждённое однажды дважды не запишется.',
    memoryAway: 'Сейчас у меня нет доступа к памяти, и я не знаю, кто вы. Попробуйте через минуту.',
    notLinked: 'Я пока не знаю, кто вы. Отправьте мне /start в личном чате, чтобы привязать аккаунт.',
    denied: 'Ваша роль в семье этого не позволяет.',
    funds: 'На этом счёте не хватает денег.',
    gone: 'Больше этого не нахожу.',
    limited: 'Слишком много сразу. Подождите немного и попробуйте снова.',
    broken: 'У нас что-то сломалось. Попробуйте ещё раз; если не пройдёт, сообщите нам номер запроса.',
  },
  requestId: (id) => `Номер запроса: ${id}`,
}

const byLanguage = { en, ru }

/** The texts for Telegram's language code; English unless it is one of ours. */
export const textsFor = (language: string | null | undefined): Texts =>
  byLanguage[(language ?? '').slice(0, 2).toLowerCase() as keyof typeof byLanguage] ?? en

export const languages = Object.keys(byLanguage) as (keyof typeof byLanguage)[]
