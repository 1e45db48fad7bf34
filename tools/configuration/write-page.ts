import { type PlainSetting, commandSettings } from './command-settings.ts'
import type { SharedSetting } from './all-settings.ts'
import { readersOf } from './write-env-example.ts'

const head = `# Settings

Generated from the schemas of the services by \`npm run generate\`; \`.env.example\` has the same as a file.

A service reads its environment once, when it starts. A setting that is wrong or missing stops it, and the message names the
variable and shows no value. For each \`NAME\` there is \`NAME_FILE\`: the path of a file whose text is the value, as mounted
secrets are; a given \`NAME\` wins over it, an empty one counts as none.

Secrets have no default. What is short, repeats itself, counts or says that it is to be changed is refused; with
\`NODE_ENV=production\`, which is what a service takes itself to be unless told, so is such a password in a URL.
\`npm start\` and \`docker compose up\` make secrets of their own; \`npm run make-secrets -- FOLDER\` makes a set for elsewhere.
`

/** The text of docs/CONFIGURATION.md. */
export function configurationPage(settings: readonly SharedSetting[]): string {
  const isRequired = ({ required }: SharedSetting) => required
  return [
    head,
    '## Settings of services without a default\n',
    settingsTable(settings.filter(isRequired)),
    '## Settings of services with a default\n',
    settingsTable(settings.filter((setting) => !isRequired(setting))),
    '## Secrets\n',
    table(
      ['variable', 'read by', 'how it is made'],
      settings
        .filter(({ secret }) => secret !== undefined)
        .map(({ name, readers, secret }) => [code(name), readersOf(readers), secret ?? '']),
    ),
    ...Object.entries(commandSettings).flatMap(([command, own]) => [
      `## Read by ${command}\n`,
      plainTable(own),
    ]),
  ].join('\n')
}

const code = (text: string) => `\`${text}\``
const fallbackOf = (text: string | undefined) => (text === undefined || text === '' ? '' : code(text))

const settingsTable = (settings: readonly SharedSetting[]) =>
  table(
    ['variable', 'read by', 'what it does', 'default', 'takes'],
    settings.map(({ name, readers, text, fallback, others, form }) => [
      code(name),
      readersOf(readers),
      text,
      [fallbackOf(fallback), ...others.map(([program, value]) => `${program}: ${code(value)}`)].join('; '),
      form,
    ]),
  )

const plainTable = (settings: readonly PlainSetting[]) =>
  table(
    ['variable', 'what it does', 'default'],
    settings.map(({ name, text, fallback }) => [code(name), text, fallbackOf(fallback)]),
  )

function table(titles: string[], rows: string[][]): string {
  const line = (cells: string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
  return `${[line(titles), line(titles.map(() => '---')), ...rows.map(line)].join('\n')}\n`
}
