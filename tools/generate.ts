import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { writeConfiguration } from './configuration/write-configuration.ts'
import { writeDocs } from './docs/write-docs.ts'

/** Writes everything that is generated and committed: Prisma clients, OpenAPI document, event schemas, tables in docs/. */
const root = join(import.meta.dirname, '..')
const run = (args: string[]) =>
  execFileSync(process.execPath, args, {
    cwd: root,
    stdio: ['ignore', 'ignore', 'inherit'],
    // `prisma generate` asks for the engine's path and does not use it; without one it would download the engine.
    env: { ...process.env, PRISMA_SCHEMA_ENGINE_BINARY: process.execPath },
  })

for (const service of ['auth', 'ledger', 'audit']) {
  run([
    'node_modules/prisma/build/index.js',
    'generate',
    '--schema',
    `services/${service}/prisma/schema.prisma`,
  ])
}
run(['libs/contracts/src/generate.ts'])
await writeConfiguration()
await writeDocs()
console.log(
  'Generated: Prisma clients, docs/api, docs/events, docs/CONFIGURATION.md, docs/FILE_REFERENCE.md, tables in docs/, .env.example',
)
