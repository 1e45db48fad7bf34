import { type Language, textsFor } from './texts/index.ts'
import { menu } from './texts/help.ts'

/** The menu of commands in Telegram's own app, in one language. */
export const commandsIn = (language: Language) =>
  menu.map((command) => ({ command, description: textsFor(language).help.commands[command] }))
