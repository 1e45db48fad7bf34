import type { InEach } from './language.ts'

/** What several features say. */
export interface CommonTexts {
  /** `bot` is the address of the private chat. */
  writeFirst(bot: string): string
  sentPrivately: string
  notUnderstood: string
  /** To an anonymous admin or a channel. */
  anonymous: string
  confirm: string
  cancel: string
  notYours: string
  /** To a tap in another chat than the card's. */
  elsewhere: string
  underWay: string
  expired: string
  requestId(id: string): string
}

export const commonTexts: InEach<CommonTexts> = {
  en: {
    writeFirst: (bot) => `I cannot write to you yet. Open a private chat with me and send /start: ${bot}`,
    sentPrivately: 'I have sent it to you in private.',
    notUnderstood: 'I did not understand that. /help shows what I can do.',
    anonymous:
      'I do not see who you are. Write as yourself, not as the group or a channel, or in our private chat.',
    confirm: '✅ Confirm',
    cancel: '✖ Cancel',
    notYours: 'Only the person who wrote this can answer it.',
    elsewhere: 'Please answer this card where I sent it.',
    underWay: 'This is being sent already.',
    expired: 'This card is too old to confirm. Nothing was moved; write it again if you still want it.',
    requestId: (id) => `Request id: ${id}`,
  },
  ru: {
    writeFirst: (bot) =>
      `Я пока не могу вам написать. Откройте личный чат со мной и отправьте /start: ${bot}`,
    sentPrivately: 'Отправил вам в личный чат.',
    notUnderstood: 'Не понял. /help покажет, что я умею.',
    anonymous: 'Мне не видно, кто вы. Напишите от своего имени, не от группы или канала, или в личном чате.',
    confirm: '✅ Подтвердить',
    cancel: '✖ Отменить',
    notYours: 'Ответить может только тот, кто это написал.',
    elsewhere: 'Ответьте, пожалуйста, на эту карточку там, куда я её отправил.',
    underWay: 'Это уже отправляется.',
    expired: 'Эта карточка устарела. Деньги не двигались; если нужно, напишите ещё раз.',
    requestId: (id) => `Номер запроса: ${id}`,
  },
}
