import type { InEach } from './language.ts'

/** /language and /unlink. */
export interface SettingsTexts {
  whichLanguage: string
  languageName: string
  languageChosen: string
  unlink: string
  unlinkButton: string
  keepLink: string
  unlinked: string
  stillLinked: string
}

export const settingsTexts: InEach<SettingsTexts> = {
  en: {
    whichLanguage: 'Which language shall I speak?',
    languageName: 'English',
    languageChosen: 'I speak English with you from now on.',
    unlink:
      'Shall I cut the link between this Telegram account and your account in the purse? I then forget your session and tell you nothing any more. Your money, your family and what was written down stay as they are; /start links you again.',
    unlinkButton: 'Unlink',
    keepLink: 'Stay linked',
    unlinked:
      'Done: this Telegram account is not linked any more, and I have forgotten your session. /start links it again.',
    stillLinked: 'Nothing has changed: you are still linked.',
  },
  ru: {
    whichLanguage: 'На каком языке мне говорить?',
    languageName: 'Русский',
    languageChosen: 'Теперь я говорю с вами по-русски.',
    unlink:
      'Отвязать этот Telegram от вашего аккаунта в кошельке? Я забуду вашу сессию и больше не буду писать. Деньги, семья и записи останутся как есть; /start привяжет снова.',
    unlinkButton: 'Отвязать',
    keepLink: 'Оставить',
    unlinked: 'Готово: этот Telegram больше не привязан, вашу сессию я забыл. /start привяжет снова.',
    stillLinked: 'Ничего не изменилось: привязка осталась.',
  },
}
