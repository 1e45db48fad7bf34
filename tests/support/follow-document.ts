import { existsSync, globSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { anchorsOf, type Document, root } from './documents.ts'
import { mermaidMistakes } from './mermaid.ts'

/** What of a document leads nowhere, as `file:line: what`. */
export interface Surroundings {
  documents: Map<string, Document>
  scripts: Set<string>
  /** The names of all files of the tree, without their folders. */
  fileNames: Set<string>
}

export function followDocument(document: Document, around: Surroundings): string[] {
  const mistakes: string[] = []
  const say = (line: number, what: string) => mistakes.push(`${document.path}:${line}: ${what}`)
  if (document.unclosed !== undefined) say(document.unclosed, 'the block is not closed')
  document.prose.forEach((text, index) => {
    for (const what of proseMistakes(text, document, around)) say(index + 1, what)
  })
  for (const { info, line, lines } of document.blocks) {
    if (info === '') say(line - 1, 'the block has no info string (`text` where it is no language)')
    if (info === 'json') for (const what of jsonMistakes(lines)) say(line, what)
    if (info === 'mermaid')
      for (const [at, what] of mermaidMistakes(lines)) say(line + at, `Mermaid: ${what}`)
    lines.forEach((text, index) => {
      for (const what of [...scriptMistakes(text, around), ...pathMistakes(text)]) say(line + index, what)
    })
  }
  return mistakes
}

function proseMistakes(text: string, document: Document, around: Surroundings): string[] {
  const code = [...text.matchAll(/`([^`]+)`/g)].map((match) => match[1]!)
  return [
    ...linkMistakes(text, document, around),
    ...scriptMistakes(text, around),
    // What a link points to is looked at as a link.
    ...pathMistakes(text.replace(/\]\([^)]*\)/g, ']').replace(/https?:\/\/[^\s)>`]+/g, '')),
    ...code.flatMap((name) => nameMistakes(name, around)),
  ]
}

function linkMistakes(text: string, document: Document, { documents }: Surroundings): string[] {
  const targets = [...text.replace(/`[^`]*`/g, '').matchAll(/\]\(([^)\s]+)\)/g)].map((match) => match[1]!)
  return targets.flatMap((target) => {
    if (/^[a-z]+:/.test(target)) return []
    const [path = '', anchor] = target.split('#')
    const file = path === '' ? document.path : normalize(join(dirname(document.path), path))
    if (file !== document.path && !existsSync(join(root, file))) return [`the link ${target} leads nowhere`]
    if (anchor === undefined) return []
    const there = file === document.path ? document : documents.get(file)
    if (!there) return [] // lines of source, for instance
    return anchorsOf(there).has(anchor) ? [] : [`there is no heading for ${target}`]
  })
}

const scriptMistakes = (text: string, { scripts }: Surroundings): string[] =>
  [...text.matchAll(/\bnpm (?:run (?:-s |--silent )?([a-z][\w:-]*)|(test|start)\b)/g)]
    .map(([, run, short]) => (run ?? short)!)
    .filter((name) => !scripts.has(name))
    .map((name) => `package.json has no script ${name}`)

const ourFolders = 'docs|libs|services|tests|tools|deploy|bench|examples|\\.ci'
const ourPath = new RegExp(`(?<![\\w./~@-])(?:\\./)?(?:${ourFolders})/[\\w./*{},<>…@-]*[\\w*}>…/]`, 'g')

/** Paths from the project's folder. Globs and braces are as in a shell; names in capitals, `<name>` and `…` stand for anything. */
const pathMistakes = (text: string): string[] =>
  [...text.matchAll(ourPath)]
    .map(([path]) => path)
    .filter((path) => !exists(path))
    .map((path) => `there is no ${path}`)

function exists(path: string): boolean {
  const pattern = path
    .replace(/<[^>]*>|…|(?<=\/)[A-Z][A-Z0-9_-]*(?=\/|$|\.ts)/g, '*')
    .replace(/\/+$/, '')
    .replace(/,$/, '')
  return (
    existsSync(join(root, path)) || expand(pattern).every((one) => globSync(one, { cwd: root }).length > 0)
  )
}

/** Each of `{a,b}` has to be there. */
function expand(pattern: string): string[] {
  const found = /^(.*?)\{([^{}]*)\}(.*)$/.exec(pattern)
  return found ? found[2]!.split(',').flatMap((one) => expand(found[1]! + one + found[3]!)) : [pattern]
}

const nameMistakes = (name: string, { fileNames }: Surroundings): string[] =>
  /^[\w.-]*\w\.(md|ts|mjs|yml|yaml|sql|prisma)$/.test(name) && !fileNames.has(name)
    ? [`no file of the tree is named ${name}`]
    : []

function jsonMistakes(lines: string[]): string[] {
  try {
    JSON.parse(lines.join('\n'))
    return []
  } catch (error) {
    return [(error as Error).message]
  }
}
