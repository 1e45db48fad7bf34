import { existsSync, readFileSync } from 'node:fs'
import { readAccount, createSecret } from './make-secrets/cluster-api.ts'
import { createSecrets, type Secrets } from './launcher/secrets.ts'
import { createTokenKey, type TokenKey } from './launcher/token-keys.ts'
import { secretFiles } from './make-secrets/secret-files.ts'

/**
 * The job that makes the secrets of a cluster, from inside of it: first one Secret with all of them, which is there whole or
 * not at all, then one for each container. What is there already stays as it is.
 */
const MADE = 'made-secrets'
const KEPT = `/run/made/secrets.json`

interface Made {
  secrets: Secrets
  tokenKeys: TokenKey[]
}

try {
  await makeSecrets()
} catch (error) {
  console.error(`No secrets could be made: ${(error as Error).message}`)
  process.exitCode = 1
}

async function makeSecrets(): Promise<void> {
  const account = readAccount()
  const kept = existsSync(KEPT) ? (JSON.parse(readFileSync(KEPT, 'utf8')) as Made) : undefined
  const made = kept ?? { secrets: createSecrets(), tokenKeys: [createTokenKey()] }
  if (!kept && !(await createSecret(account, MADE, { 'secrets.json': JSON.stringify(made) })))
    throw new Error(`${MADE} is there since a moment ago; the next pod reads it`)
  const files = Object.entries(secretFiles(made.secrets, made.tokenKeys))
  const byContainer = Map.groupBy(files, ([path]) => path.split('/')[0]!)
  for (const [name, own] of byContainer) {
    const data = Object.fromEntries(own.map(([path, text]) => [path.slice(name.length + 1), text]))
    const isNew = await createSecret(account, name, data)
    console.log(`Secret ${name}: ${isNew ? 'made' : 'is there'}`)
  }
}
