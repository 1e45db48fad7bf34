import type { Block, Document } from './documents.ts'

/** A command of a document that is answered by the system, and what the comment at its end says of the answer. */
export interface Command {
  /** Of its first line, counted from 1. */
  line: number
  lastLine: number
  status: number | undefined
  /** What the answer has in it: a problem's code, amounts. */
  says: string[]
}

const asks = /\bcurl\s|\bnpm run (?:-s |--silent )?call\b/
const dangerous =
  /(?:^|[\s;&|(])(docker|kubectl|sudo|kill|pkill|rm -r\w*|npm start|npm test|npm run (?:reset|faults|bench|dev|attacks))\b/

/** The blocks that are run: of a shell, not marked `no-run`, and asking the system something. */
export const runnableBlocks = ({ blocks }: Document): Block[] =>
  blocks.filter(
    ({ info, lines }) => /^(sh|bash)$/.test(info) && lines.some((line) => asks.test(withoutComment(line))),
  )

/** What a block that is run may not hold, as `file:line: what`. */
export const refusedLines = (document: Document): string[] =>
  runnableBlocks(document).flatMap(({ line, lines }) =>
    lines.flatMap((text, index) => {
      const found = dangerous.exec(withoutComment(text))
      return found
        ? [`${document.path}:${line + index}: ${found[1]} is not run by a test: \`sh no-run\``]
        : []
    }),
  )

/** The document as a script: its blocks at the lines where they stand, so that a shell tells lines of the document. */
export function scriptOf(document: Document, origin: string): string {
  const script: string[] = document.prose.map(() => '')
  for (const { line, lines } of runnableBlocks(document))
    lines.forEach((text, index) => (script[line - 1 + index] = text))
  return script.join('\n').replaceAll(/http:\/\/(?:127\.0\.0\.1|localhost):8000/g, origin)
}

export const commandsOf = (document: Document): Command[] =>
  runnableBlocks(document).flatMap(({ line, lines }) =>
    statements(lines)
      .filter(({ text }) => asks.test(text))
      .map(({ first, last, comment }) => ({
        line: line + first,
        lastLine: line + last,
        ...claimOf(comment),
      })),
  )

/** `# refused: 403 permission_denied`, `# 497.50`: a status, the code after it, and amounts. */
function claimOf(comment: string): Pick<Command, 'status' | 'says'> {
  const found =
    /(?<![\d.,])([2-5]\d\d)(?![\d.,]*\d)(?::?\s+([a-z]+(?:_[a-z]+)+|internal|unauthenticated))?/.exec(comment)
  const amounts = [...comment.matchAll(/(?<![\d.,])\d+\.\d\d(?!\d)/g)].map(([amount]) => amount)
  return {
    status: found ? Number(found[1]) : undefined,
    says: [...(found?.[2] ? [found[2]] : []), ...amounts],
  }
}

interface Statement {
  first: number
  last: number
  text: string
  comment: string
}

/** Lines of a shell put together where a quote is open or a backslash ends the line. */
function statements(lines: string[]): Statement[] {
  const found: Statement[] = []
  let quote = ''
  let current: Statement | undefined
  lines.forEach((line, index) => {
    const read = readLine(line, quote)
    quote = read.quote
    current ??= { first: index, last: index, text: '', comment: '' }
    current.text += `${read.code}\n`
    current.last = index
    current.comment = read.comment
    if (quote !== '' || read.code.endsWith('\\')) return
    found.push(current)
    current = undefined
  })
  return found
}

const withoutComment = (line: string) => readLine(line, '').code

/** A line's commands and its comment; `quote` is the one that is open before and after it. */
function readLine(line: string, openQuote: string): { code: string; comment: string; quote: string } {
  let quote = openQuote
  // A backslash with what it protects, a quote, or the beginning of a comment.
  for (const { 0: token, index } of line.matchAll(/\\.|['"]|(?<=^|\s)#/g)) {
    if (token === '#' && quote === '')
      return { code: line.slice(0, index), comment: line.slice(index + 1), quote }
    if (quote === '' && (token === "'" || token === '"')) quote = token
    else if (token === quote) quote = ''
    // Within single quotes a backslash protects nothing.
    else if (quote === "'" && token === "\\'") quote = ''
  }
  return { code: line, comment: '', quote }
}
