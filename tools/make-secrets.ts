import { chmodSync, existsSync, mkdirSync, renameSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { loadSecrets } from './launcher/secrets.ts'
import { ensureTokenKeys, readTokenKeys } from './launcher/token-keys.ts'
import { secretFiles } from './make-secrets/secret-files.ts'

const usage = `node tools/make-secrets.ts FOLDER

Makes the secrets of a whole system, each once, and writes them as files: a folder for each container, with what that one
needs and nothing else. A second run adds what is missing, and leaves alone what is there: it may have been rotated.`

const [folder] = process.argv.slice(2)
if (!folder || folder.startsWith('-')) {
  console.log(usage)
  process.exit(folder ? 0 : 2)
}

const root = resolve(folder)
mkdirSync(root, { recursive: true })
const keys = readTokenKeys(ensureTokenKeys(root))
const files = Object.entries(secretFiles(loadSecrets(root), keys))
const missing = files.filter(([path]) => !existsSync(join(root, path)))
for (const [path, text] of missing) write(join(root, path), text)
console.log(`${files.length} secrets are in ${root}, ${missing.length} of them new`)

/** Readable by the one user of the container that gets the folder, whatever its number is. */
function write(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o755 })
  writeFileSync(`${path}.new`, text, { mode: 0o444 })
  chmodSync(`${path}.new`, 0o444)
  renameSync(`${path}.new`, path)
}
