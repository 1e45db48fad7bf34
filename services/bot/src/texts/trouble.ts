import type { InEach } from './language.ts'

/** What went wrong, and what to do. */
export interface TroubleTexts {
  apiAway: string
  memoryAway: string
  notLinked: string
  /** `roles`: those that may, where the purse said so. */
  denied(roles: string | undefined): string
  selfApproval: string
  funds: string
  gone: string
  resolved: string
  reversed: string
  notReversible: string
  closed: string
  inProgress: string
  otherContent: string
  signedOut: string
  taken: string
  over: string
  tooLong: string
  /** `seconds` to wait, where the purse said so. */
  limited(seconds: number | undefined): string
  broken: string
  /** `sentence` is the purse's own, in English. */
  refused(sentence: string): string
}

const secondsInRussian = new Intl.PluralRules('ru')
const seconds = (count: number) =>
  `${count} ${({ one: 'секунду', few: 'секунды' } as Record<string, string>)[secondsInRussian.select(count)] ?? 'секунд'}`

export const troubleTexts: InEach<TroubleTexts> = {
  en: {
    apiAway:
      'I cannot reach the purse right now. Please try again in a moment; what was confirmed once is never booked twice.',
    memoryAway:
      'I cannot reach my memory right now, so I do not know who you are. Please try again in a minute.',
    notLinked: 'I do not know who you are yet. Send me /start in our private chat to link your account.',
    denied: (roles) =>
      roles === undefined
        ? 'Your role in the family does not allow this.'
        : `Your role in the family does not allow this. These may: ${roles}. An owner can change roles on the web.`,
    selfApproval:
      'You cannot approve what you asked for yourself; somebody else has to. /pending shows who can.',
    funds:
      'There is not enough money on this account. Choose another one, for example @savings, or a smaller amount.',
    gone: 'I do not find it any more, or you cannot see it. /list shows what there is.',
    resolved: 'Somebody was faster: this does not wait for approval any more. /list shows what became of it.',
    reversed: 'This was taken back already, or its taking back waits for approval. /list shows it.',
    notReversible:
      'This cannot be taken back: only what is booked can be, and a taking back itself cannot. /list shows how it stands.',
    closed: 'This account is closed. Choose another one, or open it again on the web.',
    inProgress: 'The same request is still being worked on. Please wait a moment and tap again.',
    otherContent: 'This was sent before with other content, so nothing was changed. Please begin anew.',
    signedOut:
      'Your session has ended. Please try again; if that does not help, link your account anew with /start.',
    taken:
      'This Telegram account is linked to somebody else in the purse. They can cut that link with /unlink, then send /start.',
    over: 'The code has expired or was used. Send /start for a new one.',
    tooLong: 'That was too long. Please write less at once.',
    limited: (wait) =>
      `That was a lot at once. Please ${wait === undefined ? 'wait a little' : `wait ${wait} ${wait === 1 ? 'second' : 'seconds'}`} and try again.`,
    broken: 'Something broke on our side. Please try again; if it stays, tell us the request id.',
    refused: (sentence) => `The purse does not take this: ${sentence}`,
  },
  ru: {
    apiAway:
      'Сейчас не получается связаться с кошельком. Попробуйте чуть позже; подтверждённое однажды дважды не запишется.',
    memoryAway: 'Сейчас у меня нет доступа к памяти, и я не знаю, кто вы. Попробуйте через минуту.',
    notLinked: 'Я пока не знаю, кто вы. Отправьте мне /start в личном чате, чтобы привязать аккаунт.',
    denied: (roles) =>
      roles === undefined
        ? 'Ваша роль в семье этого не позволяет.'
        : `Ваша роль в семье этого не позволяет. Могут: ${roles}. Роль меняет владелец на сайте.`,
    selfApproval: 'Свою просьбу одобрить нельзя: это делает кто-то другой. /pending покажет, кто.',
    funds: 'На этом счёте не хватает денег. Выберите другой, например @копилка, или сумму поменьше.',
    gone: 'Больше этого не нахожу, или вам этого не видно. /list покажет, что есть.',
    resolved: 'Кто-то успел раньше: это больше не ждёт одобрения. /list покажет, чем кончилось.',
    reversed: 'Это уже возвращено, или возврат ждёт одобрения. /list покажет.',
    notReversible:
      'Это нельзя вернуть: вернуть можно только проведённое, а сам возврат – нельзя. /list покажет, как обстоит дело.',
    closed: 'Этот счёт закрыт. Выберите другой или откройте его снова на сайте.',
    inProgress: 'Тот же запрос ещё выполняется. Подождите немного и нажмите снова.',
    otherContent: 'Это уже отправляли с другим содержанием, поэтому ничего не изменилось. Начните заново.',
    signedOut:
      'Ваша сессия закончилась. Попробуйте ещё раз; если не поможет, привяжите аккаунт снова: /start.',
    taken:
      'Этот Telegram привязан к другому человеку в кошельке. Он может отвязать его через /unlink, потом отправьте /start.',
    over: 'Код устарел или уже использован. Отправьте /start, чтобы получить новый.',
    tooLong: 'Слишком длинно. Напишите короче.',
    limited: (wait) =>
      `Слишком много сразу. Подождите ${wait === undefined ? 'немного' : seconds(wait)} и попробуйте снова.`,
    broken: 'У нас что-то сломалось. Попробуйте ещё раз; если не пройдёт, сообщите нам номер запроса.',
    refused: (sentence) => `Кошелёк этого не принимает: ${sentence}`,
  },
}
