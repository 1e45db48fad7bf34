import { signRequest } from '../../libs/client/src/index.ts'
import type { Session } from '../../libs/contracts/src/index.ts'
import type { Call } from './read-call.ts'

/** Signs and sends the request, prints the answer, and returns its status. */
export async function sendCall(call: Call, session: Session): Promise<number> {
  const { method, target, body, idempotencyKey } = call
  const authorization = `Bearer ${session.access_token}`
  const signed = await signRequest(
    { method, target, body, authorization, idempotencyKey },
    session.signing_key,
  )
  const headers = body === undefined ? signed : { ...signed, 'content-type': 'application/json' }
  if (call.verbose) console.error(describe(`${method} ${target}`, Object.entries(hideToken(headers))))
  const answer = await fetch(call.url + target, { method, headers, ...(body === undefined ? {} : { body }) })
  const text = await answer.text()
  console.error(
    call.verbose
      ? describe(`${answer.status} ${answer.statusText}`, [...answer.headers])
      : `${answer.status} ${answer.statusText}`,
  )
  const isJson = /\bjson\b/.test(answer.headers.get('content-type') ?? '')
  if (text !== '') console.log(isJson ? pretty(text) : text.replace(/\n$/, ''))
  return answer.status
}

const hideToken = (headers: Record<string, string>) => ({ ...headers, authorization: 'Bearer …' })

const describe = (first: string, headers: [string, string][]) =>
  [first, ...headers.map(([name, value]) => `  ${name}: ${value}`), ''].join('\n')

function pretty(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2)
  } catch {
    return text
  }
}
