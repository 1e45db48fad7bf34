import type { DemoFamily } from '../demo.ts'
import type { Telegram } from './telegram.ts'

interface Welcome {
  url: string
  /** What has to stand before a command so that it finds this system, for instance `PORT=8080 `. */
  setting: string
  telegram: Telegram | undefined
  demo: DemoFamily
}

/** What to open and what to type next. */
export function welcome({ url, setting, telegram, demo }: Welcome): string {
  const { ann, ben } = demo
  return [
    '',
    'Common Purse is running.',
    '',
    'Open',
    `  ${url}/       the family's pages`,
    `  ${url}/docs   the API, to read and to try`,
    ...telegramLines(telegram),
    '',
    'Sign in as one of the demo family',
    `  ${ann.email}  ${ann.password}   owner`,
    `  ${ben.email}  ${ben.password}   member: a large spending waits for the owner`,
    '',
    'Type in another terminal',
    `  ${setting}npm run call -- GET /accounts`,
    `  ${setting}npm run call -- GET /audit/verify`,
    '',
    'Ctrl-C stops everything. The data stay for the next start; npm run reset clears them.',
    '',
  ].join('\n')
}

function telegramLines(telegram: Telegram | undefined): string[] {
  if (!telegram) return []
  if (telegram.chatUrl) return [`  ${telegram.chatUrl}       the bot, in a chat page: say /start`]
  return [`  the bot is on ${telegram.apiRoot}: say /start to it`]
}
