import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { createTokenKey, readTokenKeys, tokenKeysPath } from './launcher/token-keys.ts'
import { writeSecretFile } from './launcher/write-secret-file.ts'
import { decideRotation, waitingKey } from './rotate-keys/decide-rotation.ts'

const usage = `npm run rotate-keys [-- --file FILE] [--lead SECONDS]

Adds a key for the access tokens to FILE (the development system's unless told). It is published at once and signs
after SECONDS (60): give all replicas and mounted copies of the file the time to see it. Keys that no living token was
made with are dropped. Nothing is restarted.`

/** Rotates the keys of the access tokens without downtime; prints ids and times, never a key. */
try {
  const { values } = parseArgs({
    options: {
      file: { type: 'string' },
      lead: { type: 'string', default: '60' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  })
  if (values.help) console.log(usage)
  else rotate(resolve(values.file ?? tokenKeysPath(process.env['DATA_DIR'] || '.data')), Number(values.lead))
} catch (error) {
  console.error((error as Error).message)
  process.exitCode = 1
}

function rotate(file: string, leadSeconds: number): void {
  if (!Number.isInteger(leadSeconds) || leadSeconds < 0) throw new Error('--lead: expected whole seconds')
  const now = new Date()
  const keys = readTokenKeys(file)
  const waiting = waitingKey(keys, now)
  if (waiting)
    throw new Error(`${waiting.kid} signs from ${waiting.not_before}: a rotation is under way already.`)
  const added = createTokenKey(new Date(now.getTime() + leadSeconds * 1000))
  const tokenSeconds = Number(process.env['ACCESS_TOKEN_SECONDS'] || 900)
  const rotation = decideRotation(keys, added, { now, tokenSeconds })
  writeSecretFile(file, rotation.keys)
  console.log(`${added.kid} is published now and signs from ${added.not_before}.`)
  for (const kid of rotation.dropped) console.log(`${kid} was dropped.`)
  console.log(`Kept: ${rotation.keys.map(({ kid }) => kid).join(', ')}`)
}
