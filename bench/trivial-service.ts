import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** What the process is told by its parent: the keys that it gives out in the auth service's place. */
export interface TrivialService {
  jwks: object
}

/** A page of a list, about as long as a family's page of accounts. */
const answer = Buffer.from(
  JSON.stringify({
    items: Array.from({ length: 4 }, (_, n) => ({
      id: `00000000-0000-4000-8000-00000000000${n}`,
      name: `Account ${n}`,
      kind: 'bank',
      currency: 'EUR',
      balance: { posted: '50.00', pending: '-12.50', available: '37.50' },
    })),
    next_cursor: null,
  }),
)

/** Answers every read with the same bytes: what is measured is what stands before it. */
function run({ jwks }: TrivialService): void {
  const others: Record<string, () => string> = {
    '/jwks.json': () => JSON.stringify(jwks),
    '/revocations': () => JSON.stringify({ items: [], until: new Date().toISOString(), next: null }),
  }
  const server = createServer({ keepAliveTimeout: 65_000 }, (req, res) => {
    const other = others[req.url!.split('?', 1)[0]!]
    const body = other === undefined ? answer : Buffer.from(other())
    res.writeHead(200, ['content-type', 'application/json', 'content-length', String(body.length)])
    res.end(body)
  })
  server.listen(0, '127.0.0.1', () =>
    process.send?.(`http://127.0.0.1:${(server.address() as AddressInfo).port}`),
  )
}

process.once('message', run)
process.once('disconnect', () => process.exit(0))
