import { createJudge, type Judge } from './documented.ts'

/**
 * Holds every answer that `fetch` gets from a house's services against docs/api/openapi.json. The call with the first
 * answer that is not documented fails, and so does the house when it stops: a test may have caught the first failure.
 */
const judges = new Map<string, Judge>()
const undocumented: string[] = []
let watching = false

export function watchAnswers(origin: string, isGateway: boolean): void {
  judges.set(origin, createJudge(isGateway))
  if (watching) return
  watching = true
  const send = globalThis.fetch
  globalThis.fetch = async (input, init) => {
    const answer = await send(input, init)
    const request = input instanceof Request ? input : { url: String(input), method: 'GET' }
    const { origin, pathname, search } = new URL(request.url)
    const judge = judges.get(origin)
    const body = judge && (await bodyOf(answer))
    if (judge && body !== undefined)
      report(
        judge({
          method: init?.method ?? request.method,
          target: pathname + search,
          status: answer.status,
          header: (name) => answer.headers.get(name) ?? undefined,
          body,
        }),
      )
    return answer
  }
}

/** A copy of the body; undefined when it broke off, which whoever reads it will see. Files are not read to their end. */
const bodyOf = async (answer: Response): Promise<string | undefined> => {
  const type = answer.headers.get('content-type')
  if (type !== null && !/[/+]json\b/.test(type)) return 'a file'
  return await answer
    .clone()
    .text()
    .catch(() => undefined)
}

function report(wrong: string | undefined): void {
  if (wrong === undefined) return
  undocumented.push(wrong)
  throw new Error(`Not in docs/api/openapi.json: ${wrong}`)
}

/** Throws when any answer so far was not documented. */
export function requireDocumented(): void {
  const found = undocumented.splice(0)
  if (found.length > 0) throw new Error(`Not in docs/api/openapi.json: ${found.join('\n')}`)
}
