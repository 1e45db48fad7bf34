import type { InEach } from './language.ts'

/** What people are told without having asked: large spending, sign-ins, and the end of a link. */
export interface NoticeTexts {
  spent(who: string, what: string): string
  moved(who: string, what: string): string
  newDevice(device: string, address: string, time: string): string
  device: Record<'browser' | 'program' | 'unknown', (name: string) => string>
  wasMe: string
  notMe: string
  /** After `wasMe`. */
  wasYou: string
  /** After `notMe`. */
  signedOut: string
  passwordChanged(time: string): string
  totpDisabled(time: string): string
  unlinked: string
  /** After many notices in a short time. */
  enough: string
}

export const noticeTexts: InEach<NoticeTexts> = {
  en: {
    spent: (who, what) => `💸 ${who} spent ${what}`,
    moved: (who, what) => `💸 ${who} moved ${what}`,
    newDevice: (device, address, time) =>
      `🔐 Somebody has just signed in as you, from a device or place that I have not seen before.\n${device}\nAddress: ${address}\nTime: ${time}\n\nWas that you?`,
    device: {
      browser: (name) => `Browser: ${name}`,
      program: (name) => `Program: ${name}`,
      unknown: () => 'An unknown program',
    },
    wasMe: 'Yes, that was me',
    notMe: 'No: sign out everywhere',
    wasYou: 'Good. Nothing was changed.',
    signedOut:
      'Done: every sign-in but this chat has ended. Now change your password on the web, and turn two-step sign-in on if it is off.',
    passwordChanged: (time) =>
      `🔐 Your password was changed (${time}). If that was not you, sign out everywhere and set a new password at once.`,
    totpDisabled: (time) =>
      `🔐 Two-step sign-in was turned off (${time}). If that was not you, sign out everywhere and change your password at once.`,
    enough: 'A lot is going on. /pending shows what waits for you, and /list what has happened.',
    unlinked:
      'This chat is not linked to your account any more. I have forgotten who you are. /start links it again.',
  },
  ru: {
    spent: (who, what) => `💸 ${who}, трата: ${what}`,
    moved: (who, what) => `💸 ${who}, перевод: ${what}`,
    newDevice: (device, address, time) =>
      `🔐 Кто-то только что вошёл под вашим именем с устройства или места, которых я раньше не видел.\n${device}\nАдрес: ${address}\nВремя: ${time}\n\nЭто были вы?`,
    device: {
      browser: (name) => `Браузер: ${name}`,
      program: (name) => `Программа: ${name}`,
      unknown: () => 'Неизвестная программа',
    },
    wasMe: 'Да, это я',
    notMe: 'Нет: выйти везде',
    wasYou: 'Хорошо. Ничего не изменено.',
    signedOut:
      'Готово: все входы, кроме этого чата, завершены. Теперь смените пароль на сайте и включите двухэтапный вход, если он выключен.',
    passwordChanged: (time) =>
      `🔐 Ваш пароль изменён (${time}). Если это были не вы, выйдите везде и сразу задайте новый пароль.`,
    totpDisabled: (time) =>
      `🔐 Двухэтапный вход выключен (${time}). Если это были не вы, выйдите везде и сразу смените пароль.`,
    enough: 'Сейчас происходит многое. /pending покажет, что ждёт вас, /list – что произошло.',
    unlinked: 'Этот чат больше не привязан к вашему аккаунту. Я забыл, кто вы. /start привяжет его снова.',
  },
}
