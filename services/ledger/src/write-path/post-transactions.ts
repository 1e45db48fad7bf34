import type { Transaction } from '@common-purse/contracts'
import type pg from 'pg'
import type { PostingRequest } from './posting-request.ts'

/** What became of one request: the answer when it was posted, else why it is left to `submitTransaction`. */
export type Posted = { outcome: 'posted'; answer: Transaction } | { outcome: Exclude<string, 'posted'> }

interface Row {
  n: number
  outcome: string
  balances_after: string | null
}

/**
 * Posts a batch in one round trip and one commit; answers in the order of the requests. Throws when the database does;
 * then nothing of the batch is known to be written.
 */
export async function postTransactions(pool: pg.Pool, requests: PostingRequest[]): Promise<Posted[]> {
  const keys = new Set<string>()
  // A key that comes twice at once: the second request is answered by what the first one stores.
  const isFirst = ({ family_id, key }: PostingRequest) => {
    const name = `${family_id} ${key}`
    return !keys.has(name) && keys.add(name)
  }
  const items = requests.filter(isFirst).map((request, index) => ({ n: index + 1, ...request }))
  const rows = await inOneStatement(pool, items)
  const outcomes = new Map(rows.map((row) => [items[row.n - 1]!.id, row]))
  return requests.map(({ id, body }) => {
    const row = outcomes.get(id)
    if (row?.outcome !== 'posted') return { outcome: row?.outcome ?? 'key' }
    return { outcome: 'posted', answer: JSON.parse(`${body}${row.balances_after}}`) as Transaction }
  })
}

async function inOneStatement(pool: pg.Pool, items: object[]): Promise<Row[]> {
  const client = await pool.connect()
  let broken: Error | undefined
  try {
    const { rows } = await client.query<Row>('SELECT * FROM post_transactions($1::jsonb)', [
      JSON.stringify(items),
    ])
    return rows
  } catch (error) {
    // The error is told before the locks are given back; whoever tries again next must find them free.
    await client.query('SELECT 1').catch((failure: Error) => (broken = failure))
    throw error
  } finally {
    client.release(broken)
  }
}
