import { createHash } from 'node:crypto'
import { createReadStream, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import * as z from 'zod'
import { failure, reasonOf } from '../launcher/failure.ts'

/** `database.dump` is pg_dump's custom format, `heads.ndjson` a line for the end of each family's chain. */
export const fileNames = ['database.dump', 'heads.ndjson'] as const
export const MANIFEST = 'backup.json'

const File = z.strictObject({ bytes: z.int(), sha256: z.string().regex(/^[0-9a-f]{64}$/) })

/** What a backup says of itself. */
export const Manifest = z.strictObject({
  format: z.literal(1),
  /** By the database's clock: everything that was committed before is in it, nothing that began later. */
  taken_at: z.iso.datetime(),
  database: z.string(),
  /** Versions of the server and of pg_dump. */
  postgres: z.string(),
  pg_dump: z.string(),
  /** Names of the migrations that were applied. */
  migrations: z.strictObject({
    auth: z.array(z.string()),
    ledger: z.array(z.string()),
    audit: z.array(z.string()),
  }),
  chains: z.strictObject({ families: z.int(), entries: z.int() }),
  files: z.strictObject({ 'database.dump': File, 'heads.ndjson': File }),
})
export type Manifest = z.output<typeof Manifest>

export async function describeFile(path: string): Promise<z.output<typeof File>> {
  return { bytes: statSync(path).size, sha256: await digestOf(path) }
}

export async function digestOf(path: string): Promise<string> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(path), hash)
  return hash.digest('hex')
}

/** The manifest of a backup whose files are all there and as they were written; throws what is wrong. */
export async function readBackup(dir: string): Promise<Manifest> {
  const manifest = parseManifest(join(dir, MANIFEST))
  for (const name of fileNames) {
    const found = await describeFile(join(dir, name)).catch((error: unknown) => {
      throw failure(`The backup in ${dir} is not complete: ${reasonOf(error)}`)
    })
    const { bytes, sha256 } = manifest.files[name]
    if (found.bytes !== bytes || found.sha256 !== sha256)
      throw failure(
        `${join(dir, name)} is not what was written: ${found.bytes} bytes of ${bytes}, SHA-256 ${found.sha256}.`,
        'Take another copy of the backup, or another backup.',
      )
  }
  return manifest
}

function parseManifest(path: string): Manifest {
  try {
    return Manifest.parse(JSON.parse(readFileSync(path, 'utf8')))
  } catch (error) {
    const reason = error instanceof z.ZodError ? z.prettifyError(error) : reasonOf(error)
    throw failure(`${path} is not the manifest of a backup that this release can read: ${reason}`)
  }
}
