import { type House, openDataDir, packagesDirOf, projectRoot, runDirOf } from '../../tools/launcher/house.ts'
import { createSecrets } from '../../tools/launcher/secrets.ts'
import { createStopStack } from '../../tools/launcher/stop-stack.ts'
import { findUnpacked, hasDebianPackages } from '../../tools/servers/debian-packages.ts'
import { findInstalled, programNames } from '../../tools/servers/programs.ts'

/** The program of a server that `npm test` would run: installed, or unpacked from the distribution's package. */
export async function findServerProgram(kind: 'nats' | 'redis') {
  const installed = await findInstalled(kind)
  if (installed) return installed
  const dataDir = openDataDir(process.env)
  const never = new AbortController().signal
  const house: House = {
    mode: 'test',
    root: projectRoot,
    dataDir,
    runDir: runDirOf(dataDir),
    packagesDir: packagesDirOf(dataDir),
    env: process.env,
    secrets: createSecrets(),
    say: () => undefined,
    signal: never,
    hurry: never,
    opened: createStopStack(),
  }
  const unpacked = hasDebianPackages() ? await findUnpacked(kind, house) : undefined
  if (!unpacked)
    throw new Error(`These tests run a server of their own: install ${programNames[kind].join(' or ')}`)
  return unpacked
}
