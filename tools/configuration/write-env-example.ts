import { type PlainSetting, commandSettings } from './command-settings.ts'
import { programNames, type SharedSetting } from './all-settings.ts'

const head = `# Every setting, with what it does and its default. Generated from the schemas by \`npm run generate\`; docs/CONFIGURATION.md has
# the same as tables, and says who reads what.
#
# Nothing here has to be set for \`npm start\` and \`docker compose up\`: they make secrets of their own. Copied to .env, lines
# without their # are read by docker compose; \`npm start\` takes them from its environment. A service takes NAME_FILE=PATH
# for NAME=, the text of that file.
`

/** The text of .env.example. */
export function envExample(settings: readonly SharedSetting[]): string {
  const commands = Object.entries(commandSettings).map(([command, own]) =>
    section(`Read by ${command}`, own.map(plainLines)),
  )
  const required = settings.filter((setting) => setting.required)
  const optional = settings.filter((setting) => !setting.required)
  const services = [
    section(
      'Services: what has no default',
      required.map((setting) => settingLines(setting)),
    ),
    section(
      'Services: what can be changed',
      optional.map((setting) => settingLines(setting)),
    ),
  ]
  return [head, ...commands, ...services].join('\n')
}

const section = (title: string, entries: string[]) =>
  [`# ${`--- ${title} `.padEnd(110, '-')}`, '', ...entries].join('\n')

const plainLines = ({ name, text, fallback, secret }: PlainSetting) =>
  `# ${text}${secret ? ` Secret: ${secret}.` : ''}\n#${name}=${secret ? '' : (fallback ?? '')}\n`

function settingLines({ name, text, fallback, secret, readers, others, form }: SharedSetting): string {
  const notes = [
    text,
    form && `Takes ${form}.`,
    secret && `Secret: ${secret}.`,
    ...others.map(([program, value]) => `Of ${program}: ${value}.`),
    `(${readersOf(readers)})`,
  ]
  return `# ${notes.filter(Boolean).join(' ')}\n#${name}=${fallback ?? ''}\n`
}

export const readersOf = (readers: readonly string[]): string =>
  readers.length >= programNames.length - 1 ? 'all' : readers.join(', ')
