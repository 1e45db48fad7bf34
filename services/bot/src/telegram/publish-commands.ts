import type { Telegram } from 'telegraf'
import { commandsIn } from '../menu.ts'
import { languages } from '../texts/index.ts'

/** The menu of commands in Telegram's own app; a comfort that not every server knows. */
export async function publishCommands(telegram: Telegram): Promise<void> {
  await telegram.setMyCommands(commandsIn('en')).catch(() => undefined)
  for (const language of languages)
    await telegram.setMyCommands(commandsIn(language), { language_code: language }).catch(() => undefined)
}
