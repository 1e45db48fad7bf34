import { once } from 'node:events'
import { createReadStream, createWriteStream } from 'node:fs'
import { createInterface } from 'node:readline'
import { finished } from 'node:stream/promises'
import type pg from 'pg'

interface Head {
  family_id: string
  /** Decimal digits: it counts one family's entries, and is a BIGINT. */
  seq: string
  hash: string
}

const PAGE = 5_000

/** Every chain's end as `chain_heads` says, in pages. */
async function* headsIn(sql: pg.ClientBase): AsyncGenerator<Head> {
  for (let after = '00000000-0000-0000-0000-000000000000'; ;) {
    const { rows } = await sql.query<Head>(
      'SELECT family_id, seq, hash FROM audit.chain_heads WHERE family_id > $1 ORDER BY family_id LIMIT $2',
      [after, PAGE],
    )
    yield* rows
    if (rows.length < PAGE) return
    after = rows.at(-1)!.family_id
  }
}

/** Writes a line for the end of each chain; answers how many families and entries that are. */
export async function writeHeads(
  sql: pg.ClientBase,
  path: string,
): Promise<{ families: number; entries: number }> {
  const file = createWriteStream(path, { flags: 'wx', mode: 0o600 })
  const counts = { families: 0, entries: 0 }
  for await (const head of headsIn(sql)) {
    counts.families += 1
    counts.entries += Number(head.seq)
    if (!file.write(`${JSON.stringify(head)}\n`)) await once(file, 'drain')
  }
  file.end()
  await finished(file)
  return counts
}

/** How a chain ends by its entries themselves. */
const lastEntry = `SELECT l.n::text AS seq, l.hash FROM (
    SELECT count(*) AS n, (array_agg(hash ORDER BY seq DESC))[1] AS hash FROM audit.event_log WHERE family_id = $1
  ) l WHERE l.n > 0`

/** The families whose chains do not end, by their entries, as the file says; nobody else may have one. */
export async function compareHeads(sql: pg.ClientBase, path: string): Promise<string[]> {
  const wrong: string[] = []
  let known = 0
  for await (const line of createInterface({ input: createReadStream(path), crlfDelay: Infinity })) {
    const head = JSON.parse(line) as Head
    known += 1
    const { rows } = await sql.query<Omit<Head, 'family_id'>>(lastEntry, [head.family_id])
    const { seq = '0', hash = head.hash } = rows[0] ?? {}
    if (seq !== head.seq || hash !== head.hash) wrong.push(head.family_id)
  }
  const { rows } = await sql.query<{ families: number }>(
    'SELECT count(*)::int AS families FROM audit.chain_heads',
  )
  const { families } = rows[0]!
  return families === known ? wrong : [...wrong, `${families} families instead of ${known}`]
}
