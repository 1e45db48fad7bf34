import type { InEach } from './language.ts'

/** What went wrong, and what to do. */
export type TroubleTexts = Record<
  'apiAway' | 'memoryAway' | 'notLinked' | 'denied' | 'funds' | 'gone' | 'limited' | 'broken',
  string
>

export const troubleTexts: InEach<TroubleTexts> = {
  en: {
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
  ru: {
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
}
