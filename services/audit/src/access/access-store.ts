import type { AccessBatch } from '@common-purse/contracts'
import type { Tx } from '@common-purse/kit/database'

const STATEMENT_LINES_MAX = 5_000

/** Stores what the gateway saw; a line that is there already stays as it is. */
export async function storeAccessLines(tx: Tx, lines: AccessBatch['lines']): Promise<void> {
  for (let start = 0; start < lines.length; start += STATEMENT_LINES_MAX) {
    await tx.query(
      `INSERT INTO access_log SELECT * FROM json_populate_recordset(NULL::access_log, $1::json)
       ON CONFLICT DO NOTHING`,
      [JSON.stringify(lines.slice(start, start + STATEMENT_LINES_MAX))],
    )
  }
}
