import { existsSync, readFileSync } from 'node:fs'
import { Problem, type ProblemCode, problems } from '@common-purse/contracts'
import type { RequestHandler, Router } from 'express'
import { page } from './page.ts'

interface Words {
  happened: string
  todo: string
}

const escaped = (text: string) =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')

/** Of Markdown the words know code and links; links lead to files that are not here, so their text stays. */
const shown = (text: string) =>
  escaped(text)
    .replace(/\[([^\]]+)\]\([^)]+\)/g, '$1')
    .replace(/`([^`]+)`/g, '<code>$1</code>')

const html = (title: string, content: string) => `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <title>${title}</title>
    <link rel="stylesheet" href="/pages.css" />
  </head>
  <body>
    <main>
${content}
    </main>
  </body>
</html>
`

function problemPage(code: ProblemCode, { happened, todo }: Words): string {
  const { status, title } = problems[code]
  return html(
    code,
    `      <h1>${escaped(title)}</h1>
      <p><code>${code}</code>, status ${status}</p>
      <h2>What happened</h2>
      <p>${shown(happened)}</p>
      <h2>What to do</h2>
      <p>${shown(todo)}</p>
      <p><a href="/problems">All codes</a></p>`,
  )
}

function listPage(): string {
  const items = Object.entries(problems).map(
    ([code, { status, title }]) =>
      `        <li>${status} <a href="/problems/${code}"><code>${code}</code></a> ${escaped(title)}</li>`,
  )
  return html('Problems', `      <h1>Problems</h1>\n      <ul>\n${items.join('\n')}\n      </ul>`)
}

/**
 * `/problems` and `/problems/{code}`: where the `type` of a problem document leads. The words are docs/problems.md's, which
 * `npm run generate` puts into `file`; without it the codes' pages answer 404.
 */
export function problemPages(router: Router, file: string, policy: string): void {
  const send =
    (text: string): RequestHandler =>
    (_req, res) => {
      res.set({ 'content-security-policy': policy, 'cache-control': 'public, max-age=3600' })
      res.type('text/html').send(text)
    }
  page(router, '/problems', send(listPage()))
  const words = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Record<string, Words>) : {}
  const pages = new Map(
    Object.entries(words).map(([code, said]) => [code, send(problemPage(code as ProblemCode, said))]),
  )
  page(
    router,
    /^\/problems\/\w+$/,
    (req, res, next) => {
      const found = pages.get(req.path.slice('/problems/'.length))
      if (!found) throw new Problem('not_found', 'There is no such code; /problems lists them')
      return found(req, res, next)
    },
    '/problems/{code}',
  )
}
