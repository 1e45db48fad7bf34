import type { Telegram } from './telegram.ts'

interface Welcome {
  url: string
  telegram: Telegram | undefined
  demo: unknown
}

/** What to open and what to type next. */
export function welcome({ url, telegram, demo }: Welcome): string {
  const lines = [
    '',
    'Common Purse is running.',
    '',
    `  open      ${url}/             the family's pages`,
    `            ${url}/docs         the API, to try in the browser`,
    ...(telegram?.chatUrl
      ? [`            ${telegram.chatUrl}      the bot, in a chat page: say /start`]
      : []),
    ...(telegram && !telegram.chatUrl ? [`  bot       at ${telegram.apiRoot}`] : []),
    ...(demo === undefined ? [] : ['', describeDemo(demo)]),
    '',
    `  type      curl ${url}/health`,
    '  stop      Ctrl-C; the data stay for the next start, npm run reset clears them',
    '',
  ]
  return lines.join('\n')
}

function describeDemo(demo: unknown): string {
  return typeof demo === 'string' ? demo : JSON.stringify(demo, undefined, 2).replace(/^/gm, '  ')
}
