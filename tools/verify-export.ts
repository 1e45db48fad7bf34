import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import { parseArgs } from 'node:util'
import { type KnownHead, type Report, verifyTrail } from './verify-export/verify-trail.ts'

/**
 * `npm run verify-export -- FILE [--head SEQ:HASH]…`: checks an exported trail without the system. docs/TRAIL.md says what
 * is checked. Exits with 0 when it is intact, 1 when it is not, 2 when it cannot be checked.
 */
const usage = 'npm run verify-export -- FILE [--head SEQ:HASH]…   (HASH: 16 to 64 hex digits)'

function readHead(text: string): KnownHead {
  const [, seq, hash] = /^([1-9][0-9]{0,14}):([0-9a-f]{16,64})$/.exec(text) ?? []
  if (seq === undefined || hash === undefined) throw new Error(`--head ${text}?\n${usage}`)
  return { seq: Number(seq), hash }
}

function say({ familyId, entries, head, broken }: Report, known: KnownHead[]): void {
  if (broken) {
    console.log(`NOT INTACT: entry ${broken.seq} cannot be vouched for: ${broken.why}.`)
    if (entries > 0) console.log(`The entries before it fit each other.`)
    return
  }
  console.log(`Intact: ${entries} entries of the family ${familyId}, head ${head.seq}:${head.hash}`)
  if (known.length === 0)
    console.log('Nothing was compared from outside the file: a whole trail made anew would look the same.')
}

try {
  const options = { head: { type: 'string', multiple: true } } as const
  const { values, positionals } = parseArgs({ options, allowPositionals: true })
  const [file] = positionals
  if (file === undefined || positionals.length > 1) throw new Error(usage)
  const known = (values.head ?? []).map(readHead)
  const lines = createInterface({ input: createReadStream(file), crlfDelay: Infinity })
  const report = await verifyTrail(lines, known)
  say(report, known)
  process.exitCode = report.broken ? 1 : 0
} catch (error) {
  console.error((error as Error).message)
  process.exitCode = 2
}
