/** A sentence ends at a point that is followed by a capital or by nothing; `e.g.` and `01-x.md` do not end one. */
const firstSentence = (text: string) => text.split(/(?<=[.:!?])\s+(?=[A-Z`{])/)[0] ?? ''

const plain = (comment: string) =>
  comment
    .replace(/^\s*\*\s?/gm, '')
    .replace(/\{@link (\w+)\}/g, '`$1`')
    .replace(/\s+/g, ' ')
    .trim()

/** The docstring of what a file is named after, or else its first one. */
function docstring(text: string, exportName: string): string | undefined {
  const all = [...text.matchAll(/\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\s*\n(?:export )?([^\n]*)/g)]
  const main = all.find(([, , line]) => new RegExp(`\\b${exportName}\\b`).test(line ?? ''))
  return (main ?? all[0])?.[1]
}

/** The lines of `//` or `#` at the head of a file. */
const headComment = (text: string) =>
  text
    .replace(/^#!.*\n/, '')
    .match(/^(?:(?:\/\/|#)[^\n]*\n)+/)?.[0]
    .replace(/^(?:\/\/|#)\s?/gm, '')

function exportsOf(text: string): string | undefined {
  const names = [...text.matchAll(/^export (?:async )?(?:const|function|interface|type) (\w+)/gm)]
  return names.length > 0 ? `Exports ${names.map(([, name]) => `\`${name}\``).join(', ')}.` : undefined
}

/** Files whose name says it all, and which have no words of their own. */
const byName: Record<string, string> = {
  'main.ts': 'The process: starts what it is named after, and stops it at a signal.',
  'index.ts': 'What the package gives to others, by name.',
}

/**
 * What a source file is for, in one line: its own words where it has some, else what it exports or is named after.
 * A test is described by the first thing that it says. `undefined`: the file says nothing.
 */
export function purposeOf(path: string, text: string): string | undefined {
  const file = path.split('/').at(-1) ?? ''
  if (/\.test\.tsx?$/.test(file))
    return (
      text.match(/\b(?:test|describe)\(\s*(['"`])(.+?)\1/)?.[2] ??
      `Tests of \`${file.replace(/\.test\.tsx?$/, '')}\`.`
    )
  const name = file.replace(/\..*$/, '')
  const exportName = name.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase())
  const own = docstring(text, exportName) ?? headComment(text)
  if (own) return firstSentence(plain(own))
  return (
    exportsOf(text) ??
    byName[file] ??
    (/^tools\/[\w-]+\.m?[jt]s$/.test(path) ? `The command \`${name}\`.` : undefined)
  )
}
