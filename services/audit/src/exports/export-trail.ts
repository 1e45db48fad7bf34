import { type AuditExportHeader, Problem } from '@common-purse/contracts'
import { asTx } from '@common-purse/kit/database'
import type { Origin } from '@common-purse/kit/outbox'
import type pg from 'pg'
import { recordDeed } from '../chain/record-deed.ts'
import { type EntryRow, toEntry } from '../entries/entry.ts'

const PAGE_ENTRIES = 500
/** An export is long work; a few at a time leave the service to everybody else. */
const AT_ONCE_MAX = 4
const RETRY_SECONDS = 5

interface Deps {
  pool: pg.Pool
  wake: () => void
}

/**
 * A family's trail as lines of JSON: a header that names the head, then every entry up to it as the API shows it, oldest
 * first. Entries never change, so that no snapshot is held open while somebody reads. That it was exported is on record
 * before the first line is sent.
 */
export function exportTrail({ pool, wake }: Deps) {
  let running = 0
  return async function* (origin: Origin): AsyncGenerator<Uint8Array, void, undefined> {
    if (running >= AT_ONCE_MAX)
      throw new Problem('rate_limited', 'Other exports are running; try again in a moment', {
        retryAfter: RETRY_SECONDS,
      })
    running += 1
    try {
      const head = await recordDeed(pool, origin, {
        action: 'audit.exported',
        valuesOf: (end) => ({ entries: end.seq, head: end }),
      })
      wake()
      const header: AuditExportHeader = {
        format: 'common-purse-trail',
        version: 1,
        family_id: origin.familyId,
        exported_at: new Date().toISOString(),
        head,
      }
      yield toLines([header])
      yield* entriesUpTo(pool, origin.familyId, head.seq)
    } finally {
      running -= 1
    }
  }
}

async function* entriesUpTo(pool: pg.Pool, familyId: string, headSeq: number) {
  for (let after = 0; ;) {
    const rows = await asTx(pool).query<EntryRow>(
      'SELECT * FROM event_log WHERE family_id = $1 AND seq > $2 AND seq <= $3 ORDER BY seq LIMIT $4',
      [familyId, after, headSeq, PAGE_ENTRIES],
    )
    const last = rows.at(-1)
    if (last === undefined) return
    after = Number(last.seq)
    yield toLines(rows.map(toEntry))
  }
}

const toLines = (values: object[]): Uint8Array =>
  Buffer.from(values.map((value) => `${JSON.stringify(value)}\n`).join(''))
