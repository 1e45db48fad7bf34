import pg from 'pg'
import { asTx } from '../libs/kit/src/database.ts'
import { findMismatches, listFamilies } from '../services/ledger/src/self-check/find-mismatches.ts'
import { databaseOf } from './launcher/where-is.ts'

/**
 * `npm run self-check`: compares the ledger's books with themselves now. DATABASE_URL names the ledger's database as the
 * role purse_ledger; without it the running development system's is taken. Exits with 1 when something does not fit.
 */
try {
  const client = new pg.Client({ connectionString: databaseOf('ledger', process.env) })
  await client.connect()
  try {
    await client.query(`SET search_path TO ledger`)
    process.exitCode = (await check(client)) === 0 ? 0 : 1
  } finally {
    await client.end()
  }
} catch (error) {
  console.error((error as Error).message)
  process.exitCode = 2
}

async function check(client: pg.Client): Promise<number> {
  const db = asTx(client)
  const found: object[] = []
  let families = 0
  for await (const family of listFamilies(db)) {
    families++
    for await (const mismatch of findMismatches(db, family)) found.push(mismatch)
  }
  if (found.length > 0) console.table(found)
  console.log(`${families} families compared, ${found.length} mismatches`)
  return found.length
}
