import { asTx, type Tx } from '@common-purse/kit/database'
import type pg from 'pg'

/** Reads piece by piece in one snapshot. Whoever stops asking for pieces ends it, and the connection is free again. */
export async function* inSnapshot<Piece>(
  pool: pg.Pool,
  pieces: (tx: Tx) => AsyncGenerator<Piece, void, undefined>,
): AsyncGenerator<Piece, void, undefined> {
  const client = await pool.connect()
  let broken: Error | undefined
  // The server may go away while nobody asks for a piece; without a listener that would end the process.
  const onBreak = (error: Error) => (broken = error)
  client.on('error', onBreak)
  try {
    await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY')
    yield* pieces(asTx(client))
  } finally {
    await client.query('ROLLBACK').catch((failure: Error) => (broken ??= failure))
    client.off('error', onBreak)
    client.release(broken)
  }
}
