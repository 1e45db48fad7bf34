import type { Telegram } from 'telegraf'
import { languages, textsFor } from '../texts/index.ts'

/** The menu of commands in Telegram's own app; a comfort that not every server knows. */
export async function publishCommands(telegram: Telegram): Promise<void> {
  const commandsOf = (language: string) =>
    Object.entries(textsFor(language).help.commands).map(([command, description]) => ({
      command,
      description,
    }))
  await telegram.setMyCommands(commandsOf('en')).catch(() => undefined)
  for (const language of languages)
    await telegram.setMyCommands(commandsOf(language), { language_code: language }).catch(() => undefined)
}
