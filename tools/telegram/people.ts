/** The people of the chat page, as Telegram describes them to a bot. */
export interface ChatPerson {
  id: number
  first_name: string
  username: string
  language_code: string
  is_bot: false
}

export const people: readonly ChatPerson[] = [
  { id: 111, first_name: 'Ann', username: 'ann', language_code: 'en', is_bot: false },
  { id: 222, first_name: 'Ben', username: 'ben', language_code: 'en', is_bot: false },
]

export const findPerson = (id: unknown): ChatPerson | undefined => people.find((person) => person.id === id)
