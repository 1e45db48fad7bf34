import pg from 'pg'
import { asTx } from '../libs/kit/src/database.ts'
import { findMismatches, listFamilies } from '../services/ledger/src/self-check/find-mismatches.ts'
import { loadSecrets } from './launcher/secrets.ts'
import { readState } from './launcher/state.ts'
import { serviceUrl } from './start/databases.ts'

/**
 * `npm run self-check`: compares the ledger's books with themselves now. DATABASE_URL names the ledger's database as the
 * role purse_ledger; without it the running development system's is taken. Exits with 1 when something does not fit.
 */
try {
  const client = new pg.Client({ connectionString: process.env['DATABASE_URL'] || developmentUrl() })
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

function developmentUrl(): string {
  const dataDir = process.env['DATA_DIR'] || '.data'
  const port = readState(dataDir).ports['postgres']
  if (port === undefined) throw new Error('Set DATABASE_URL: there is no development system here.')
  const admin = `postgresql://127.0.0.1:${port}/common_purse`
  return serviceUrl(admin, 'ledger', loadSecrets(dataDir).ledgerPassword)
}
