import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { table } from './fill-section.ts'
import { filePurposes, folderPurposes } from './folder-purposes.ts'
import { purposeOf } from './purpose-of.ts'

const source = /\.(tsx?|mjs|js|sh|prisma|html|css|yaml|yml|md|conf|json)$/
const unlisted = /(^|\/)(generated|node_modules|migrations)\/|package-lock\.json$/

/** What git knows of, without what is generated; a file that is new is listed from its `git add` on. */
function listedFiles(root: string): string[] {
  const known = execFileSync('git', ['ls-files', '-z'], { cwd: root, encoding: 'utf8' }).split('\0')
  return known
    .filter((path) => path !== '' && !unlisted.test(path) && existsSync(join(root, path)))
    .toSorted()
}

/** A workspace of `libs` and `services`, or a folder at the root. */
const groupOf = (path: string) =>
  path.match(/^(libs|services)\/[^/]+/)?.[0] ?? (path.includes('/') ? (path.split('/')[0] ?? '') : '')

/** What is told by the name alone. */
function byKind(path: string): string {
  const kinds: [RegExp, string][] = [
    [/package\.json$/, 'The workspace: its exports and packages.'],
    [/schema\.prisma$/, 'The tables of the service, for the Prisma client.'],
    [/tsconfig\.json$/, 'Rules of the compiler for this workspace.'],
    [/kustomization\.yaml$/, 'What kustomize puts together here.'],
    [/\.html$/, 'A page.'],
    [/\.css$/, 'How the pages look.'],
    [/\.ya?ml$/, 'A manifest or settings of the part it is named after.'],
  ]
  return kinds.find(([kind]) => kind.test(path))?.[1] ?? ''
}

function describe(root: string, path: string): string {
  const text = source.test(path) ? readFileSync(join(root, path), 'utf8') : ''
  const heading = path.endsWith('.md') ? text.match(/^# (.+)$/m)?.[1] : undefined
  // Angle brackets would be read as HTML.
  return (filePurposes[path] ?? heading ?? purposeOf(path, text) ?? byKind(path)).replaceAll('<', '&lt;')
}

/** docs/FILE_REFERENCE.md as a whole: each file of the repository with its purpose, by workspace and folder. */
export function fileReference(root: string): string {
  const groups = Map.groupBy(listedFiles(root), groupOf)
  const inOrder = [...groups].toSorted(([one], [other]) => (one < other ? -1 : 1))
  const parts = inOrder.map(([group, paths]) => {
    const folders = [...Map.groupBy(paths, dirname)].map(([folder, files]) => {
      const said = folderPurposes[folder]
      const rows = files.map((path) => [`[${path.split('/').at(-1)}](../${path})`, describe(root, path)])
      return `### ${folder === '.' ? 'The root' : folder}\n\n${said ? `${said}\n\n` : ''}${table(['file', 'purpose'], rows)}`
    })
    return `## ${group === '' ? 'The root' : group}\n\n${folders.join('\n\n')}`
  })
  const head =
    '# Files\n\nEvery file of the repository and what it is for, made by `npm run generate` from the words in the files. ' +
    'Left out: what is generated, the migrations in `services/*/prisma/migrations`, and the lock file. ' +
    'How the parts fit together is in [ARCHITECTURE.md](ARCHITECTURE.md).'
  return `${head}\n\n${parts.join('\n\n')}\n`
}
