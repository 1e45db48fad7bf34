import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { digestOf, MANIFEST, readBackup } from './backup/manifest.ts'
import { type Backup, requireEmpty, requireKnownSchema, restoreInto } from './backup/restore-into.ts'
import { nameOf, replaceDatabase, requireDatabase } from './backup/set-aside.ts'
import { describeError } from './launcher/failure.ts'
import { openDataDir, packagesDirOf } from './launcher/house.ts'
import { say } from './launcher/say.ts'
import { listenForStop } from './launcher/stop-signals.ts'
import { wholeDatabaseOf } from './launcher/where-is.ts'

const usage = `npm run restore -- --from FOLDER [--set-aside]

Fills an empty database with what npm run backup wrote, all of it or nothing; it is made where it is missing. One that is
not empty is left alone: with --set-aside the backup is restored beside it, and then the two change places. The old one
keeps its rows under another name, and the services can run meanwhile.

DATABASE_URL names the database as a role that may make databases and roles; without it the development system's is
taken, which has to run. docs/RUNBOOK.md says what to do afterwards.`

try {
  const options = {
    from: { type: 'string' },
    'set-aside': { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h' },
  } as const
  const { values } = parseArgs({ options })
  if (values.help || !values.from) console.log(usage)
  else await restore(resolve(values.from), values['set-aside'])
} catch (error) {
  console.error(describeError(error))
  process.exitCode = 1
}

async function restore(dir: string, setAside: boolean): Promise<void> {
  const { signal } = listenForStop()
  const place = { packagesDir: packagesDirOf(openDataDir(process.env)), say, signal }
  const url = wholeDatabaseOf(process.env)
  const backup: Backup = { dir, manifest: await readBackup(dir) }
  requireKnownSchema(backup)
  say(
    `the backup of ${backup.manifest.taken_at} is whole; SHA-256 of ${MANIFEST}: ${await digestOf(join(dir, MANIFEST))}`,
  )
  if (setAside) {
    const kept = await replaceDatabase(url, (other) => restoreInto(other, backup, place))
    say(`restored; the database from before is kept as ${kept}`)
  } else {
    await requireDatabase(url)
    await requireEmpty(url, 'Name an empty one, or keep this one under another name by --set-aside.')
    await restoreInto(url, backup, place).catch((error: unknown) => {
      // Its rows may be there, and sessions in it that had ended since.
      say(`do not use ${nameOf(url)} as it is: drop it, and restore again`)
      throw error
    })
    say(`restored into ${nameOf(url)}`)
  }
  console.log(afterwards(backup))
}

function afterwards({ manifest: { taken_at } }: Backup): string {
  return `
What was committed after ${taken_at} is gone from the books; the trail reads again what the bus has of it.
Passwords, two-step sign-in, roles and members are those of then. All sessions have ended: everybody signs in again.
Next, as docs/RUNBOOK.md says under "Restore a backup", with the services running:
  npm run self-check
  npm run after-restore
  npm run anchor-restored -- --reason "restored the backup of ${taken_at}"`
}
