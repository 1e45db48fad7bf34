import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { digestOf, MANIFEST } from './backup/manifest.ts'
import { takeBackup } from './backup/take-backup.ts'
import { describeError } from './launcher/failure.ts'
import { openDataDir, packagesDirOf } from './launcher/house.ts'
import { say } from './launcher/say.ts'
import { listenForStop } from './launcher/stop-signals.ts'
import { wholeDatabaseOf } from './launcher/where-is.ts'

const usage = `npm run backup -- --to FOLDER

One consistent backup of the whole database, while people use the system: database.dump (pg_dump's custom format),
heads.ndjson (the end of each family's chain) and backup.json (when, of which schema, and the sums of both files).

DATABASE_URL names the database as a role that may read all of it; without it the development system's is taken.`

const contents = `It holds everything that the database holds: people's names and addresses, their money, and hashes of their passwords.
Only its owner can read the files here; encrypt them before they go anywhere else. It does not hold the master secrets of
signatures, the keys of the access tokens and the bot's keys: keep those too, and apart from it.`

try {
  const { values } = parseArgs({ options: { to: { type: 'string' }, help: { type: 'boolean', short: 'h' } } })
  if (values.help || !values.to) console.log(usage)
  else await backUp(values.to)
} catch (error) {
  console.error(describeError(error))
  process.exitCode = 1
}

async function backUp(folder: string): Promise<void> {
  const { signal } = listenForStop()
  const place = { packagesDir: packagesDirOf(openDataDir(process.env)), say, signal }
  const { taken_at, chains, files } = await takeBackup(wholeDatabaseOf(process.env), folder, place)
  const megabytes = (files['database.dump'].bytes / 1e6).toFixed(1)
  console.log(`${folder}: ${megabytes} MB, as of ${taken_at}`)
  const families = `${chains.families} ${chains.families === 1 ? 'family' : 'families'}`
  console.log(`${families}, ${chains.entries} entries in their trails`)
  console.log(`SHA-256 of ${MANIFEST}, to be kept elsewhere: ${await digestOf(join(folder, MANIFEST))}`)
  console.log(`\n${contents}`)
}
