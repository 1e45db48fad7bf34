import type { InEach } from './language.ts'

export interface UndoTexts {
  nothing: string
  /** Before a posted entry. */
  reverse: string
  /** Before one that waits. */
  cancel: string
  confirm: string
  withReason: string
  leave: string
  askReason: string
  wrongReason: string
  usualReason: string
  left: string
  old: string
  cancelled: string
  reversed(balances: string): string
  waits(who: string, until: string): string
}

export const undoTexts: InEach<UndoTexts> = {
  en: {
    nothing: 'There is nothing of yours that could be taken back.',
    reverse: 'Take this back? The money moves back by an opposite entry; nothing is erased.',
    cancel: 'This still waits for approval. Cancel it? The amount is free again then.',
    confirm: '↩ Take it back',
    withReason: '✍ Say why',
    leave: 'Leave it',
    askReason: 'Why do you take it back? Write it in your next message; the family can read it.',
    wrongReason: 'Please give the reason in 1 to 200 characters. /undo begins again.',
    usualReason: 'written down by mistake',
    left: 'Left as it is.',
    old: 'This card is too old. Nothing was taken back; /undo begins again.',
    cancelled: 'Cancelled: it does not wait any more, and the amount is free again.',
    reversed: (balances) => (balances === '' ? 'Taken back.' : `Taken back. Available now: ${balances}.`),
    waits: (who, until) => `Taking it back waits for approval until ${until}. ${who} can approve it.`,
  },
  ru: {
    nothing: 'У вас нет записи, которую можно вернуть.',
    reverse: 'Вернуть? Деньги вернутся встречной записью; ничего не стирается.',
    cancel: 'Это ещё ждёт одобрения. Отменить? Сумма снова станет свободной.',
    confirm: '↩ Вернуть',
    withReason: '✍ Указать причину',
    leave: 'Оставить',
    askReason: 'Почему вы возвращаете? Напишите следующим сообщением; семья сможет это прочитать.',
    wrongReason: 'Причина – от 1 до 200 знаков. Начните снова: /undo.',
    usualReason: 'записано по ошибке',
    left: 'Осталось как есть.',
    old: 'Эта карточка устарела. Ничего не возвращено; начните снова: /undo.',
    cancelled: 'Отменено: больше не ждёт, сумма снова свободна.',
    reversed: (balances) => (balances === '' ? 'Возвращено.' : `Возвращено. Теперь доступно: ${balances}.`),
    waits: (who, until) => `Возврат ждёт одобрения до ${until}. Одобрить может: ${who}.`,
  },
}
