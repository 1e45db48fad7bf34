import type { ProblemCode } from '../../libs/contracts/src/problems.ts'

/** What docs/problems.md says of a code, in Markdown: what happened, and what to do. */
export interface ProblemWords {
  happened: string
  todo: string
}

const section = /^## (\w+) \(\d+\)\n([\s\S]*?)\n\*\*What to do:\*\* ([\s\S]*?)(?=\n## |$(?![\s\S]))/gm

const oneLine = (text: string) => text.replace(/\s+/g, ' ').trim()

/** The sections of docs/problems.md by code; the gateway shows them at `/problems/{code}`. */
export function problemWords(page: string): Record<ProblemCode, ProblemWords> {
  const sections = [...page.matchAll(section)].map(([, code = '', happened = '', todo = '']) => [
    code,
    { happened: oneLine(happened), todo: oneLine(todo) },
  ])
  return Object.fromEntries(sections) as Record<ProblemCode, ProblemWords>
}
