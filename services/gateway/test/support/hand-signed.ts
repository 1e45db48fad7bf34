import { createHash, createHmac, randomBytes } from 'node:crypto'

/** What is signed by hand, so that a test can write what none of our signers writes. */
export interface HandSigned {
  method: string
  target: string
  body: string
  authorization: string | undefined
  idempotencyKey: string | undefined
  key: { key_id: string; secret: string }
  /** Covered components as they stand in the list, with quotes and flags. */
  components: string[]
  /** Parameters by name, as they stand after the `=`; undefined: left out. */
  params: Record<string, string | undefined>
  /** Changes the text of the list and its parameters, before it is signed. */
  rewrite: (text: string) => string
  label: string
  digest: string
}

export const digestOf = (body: string, algorithm = 'sha256') =>
  createHash(algorithm).update(body).digest('base64')

/** The headers of a request signed by the letter of RFC 9421, without any code of the project. */
export function handSigned(given: Partial<HandSigned> & Pick<HandSigned, 'key' | 'target'>) {
  const { method = 'POST', target, body = '{}', key, label = 'sig' } = given
  const headers: Record<string, string> = {
    'content-type': 'application/json',
    'content-digest': given.digest ?? `sha-256=:${digestOf(body)}:`,
    ...(given.authorization === undefined ? {} : { authorization: given.authorization }),
    ...(given.idempotencyKey === undefined ? {} : { 'idempotency-key': given.idempotencyKey }),
  }
  const components = given.components ?? [
    ...['"@method"', '"@path"', '"@query"'],
    ...Object.keys(headers).flatMap((name) => (name === 'content-type' ? [] : [`"${name}"`])),
  ]
  const params: HandSigned['params'] = {
    created: String(Math.floor(Date.now() / 1000)),
    nonce: `"${randomBytes(16).toString('hex')}"`,
    keyid: `"${key.key_id}"`,
    alg: '"hmac-sha256"',
    ...given.params,
  }
  const tail = Object.entries(params).map(([name, value]) => (value === undefined ? '' : `;${name}=${value}`))
  const text = (given.rewrite ?? ((same) => same))(`(${components.join(' ')})${tail.join('')}`)
  const lines = components.map((item) => `${item}: ${valueOf(item, { method, target, headers })}`)
  const base = [...lines, `"@signature-params": ${text}`].join('\n')
  const mac = createHmac('sha256', Buffer.from(key.secret, 'base64url')).update(base).digest('base64')
  return { ...headers, 'signature-input': `${label}=${text}`, signature: `${label}=:${mac}:` }
}

function valueOf(
  item: string,
  { method, target, headers }: { method: string; target: string; headers: Record<string, string> },
): string {
  const name = /^"([^"]*)"/.exec(item)![1]!.toLowerCase()
  const start = target.indexOf('?')
  if (name === '@method') return method
  if (name === '@path') return start === -1 ? target : target.slice(0, start)
  if (name === '@query') return start === -1 ? '?' : target.slice(start)
  return headers[name] ?? ''
}
