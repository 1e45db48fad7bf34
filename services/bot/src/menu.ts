import { type Language, textsFor } from './texts/index.ts'
import { menu } from './texts/help.ts'

/** The menu of commands in Telegram's own app, in one language. */
export const commandsIn = (language: Language) =>
  menu.map((command) => ({ command, description: textsFor(language).help.commands[command] }))

/** True for a command of ours, unless it is addressed to another bot. */
export function isCommandForUs(text: string, botName: string): boolean {
  const [, command = '', addressee = botName] = /^\/(\w+)(?:@(\w+))?(?=\s|$)/.exec(text) ?? []
  const isOurs = addressee.toLowerCase() === botName.toLowerCase()
  return isOurs && (menu as readonly string[]).includes(command.toLowerCase())
}
