/** Somebody of the chat page, as Telegram describes them to a bot. */
export interface ChatPerson {
  id: number
  first_name: string
  username: string
  language_code: string
  is_bot: false
}

/** The languages that a person of the page can have Telegram in. */
export const languages = { en: 'English', ru: 'Русский' } as const
export type Language = keyof typeof languages

/** The people of the page; their languages can be changed. */
export const createPeople = (): ChatPerson[] => [
  { id: 111, first_name: 'Ann', username: 'ann', language_code: 'en', is_bot: false },
  { id: 222, first_name: 'Ben', username: 'ben', language_code: 'en', is_bot: false },
]

/** A chat with everybody of the page and the bot in it. */
export const group = { id: -500_100, title: 'Family chat', type: 'group' as const }
