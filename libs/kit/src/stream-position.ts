import { randomUUID } from 'node:crypto'
import type pg from 'pg'
import { asTx, type Tx } from './database.ts'
import { OvertakenError } from './process-batch.ts'

/** How far a reader has stored a stream. */
export interface Position {
  /** Number of the last message that is stored; 0 before the first. */
  seq: number
  /** When the bus says that this stream was made; null for a reader that has not begun. */
  created: string | null
  /** SHA-256 of the message with that number, as hexadecimal text. */
  digest: string | null
}

/** A reader's row in `stream_positions`, and the lease on it: only its holder reads, so that replicas do not work twice. */
export interface KeptPosition {
  /** Takes the lease, or keeps it: the position, or undefined while another replica holds it. */
  take(): Promise<Position | undefined>
  /** True while the lease is still held, and the row is not set back behind `seq`, as in a database from a backup. */
  renew(seq: number): Promise<boolean>
  /**
   * Goes on in the transaction that stores what was read. Throws OvertakenError when the row is not as it was left: the
   * lease then is another's, or the last commit was done though nobody said so.
   */
  advance(tx: Tx, from: Position, to: { seq: number; digest: string }): Promise<void>
  /** Begins a stream at its first message. */
  startOver(created: string): Promise<void>
  release(): Promise<void>
  /** Number of the last message that is stored, whoever holds the lease. */
  seq(): Promise<number>
}

const LEASE = `interval '3 seconds'`
/** A replica that freezes with the row in hands must not hold the others up for longer. */
const FROZEN_SECONDS = 15
/** A clock that was set back would leave a lease of the dead in force for as long. */
const isFree = `(holder IS NULL OR holder = $2 OR held_until NOT BETWEEN clock_timestamp() AND clock_timestamp() + ${LEASE})`

/** Opens the position of a reader in the service's own schema; `reader` is its name. */
export function keepPosition(pool: pg.Pool, reader: string): KeptPosition {
  const db = asTx(pool)
  const holder = randomUUID()
  return {
    take: async () => {
      await db.query('INSERT INTO stream_positions (reader) VALUES ($1) ON CONFLICT DO NOTHING', [reader])
      const [row] = await db.query<Omit<Position, 'seq'> & { seq: string }>(
        `WITH free AS (
           SELECT reader FROM stream_positions WHERE reader = $1 AND ${isFree} FOR UPDATE SKIP LOCKED
         )
         UPDATE stream_positions AS place SET holder = $2, held_until = clock_timestamp() + ${LEASE}
         FROM free WHERE place.reader = free.reader RETURNING seq, created, digest`,
        [reader, holder],
      )
      return row && { ...row, seq: Number(row.seq) }
    },
    renew: async (seq) =>
      (
        await db.query(
          `UPDATE stream_positions SET held_until = clock_timestamp() + ${LEASE}
           WHERE reader = $1 AND holder = $2 AND seq >= $3 RETURNING 1`,
          [reader, holder, seq],
        )
      ).length === 1,
    advance: async (tx, from, to) => {
      const rows = await tx.query(
        `UPDATE stream_positions SET seq = $3, digest = $4, held_until = clock_timestamp() + ${LEASE}
         WHERE reader = $1 AND holder = $2 AND seq = $5 AND created = $6
         RETURNING set_config('idle_in_transaction_session_timeout', '${FROZEN_SECONDS}s', true)`,
        [reader, holder, to.seq, to.digest, from.seq, from.created],
      )
      if (rows.length === 0) throw new OvertakenError('The position of the reader is another one')
    },
    startOver: async (created) => {
      await db.query(
        'UPDATE stream_positions SET seq = 0, created = $3, digest = NULL WHERE reader = $1 AND holder = $2',
        [reader, holder, created],
      )
    },
    release: async () => {
      await db.query(
        'UPDATE stream_positions SET holder = NULL, held_until = NULL WHERE reader = $1 AND holder = $2',
        [reader, holder],
      )
    },
    seq: async () => {
      const [row] = await db.query<{ seq: string }>('SELECT seq FROM stream_positions WHERE reader = $1', [
        reader,
      ])
      return Number(row?.seq ?? 0)
    },
  }
}
