import { mkdirSync, realpathSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Secrets } from './secrets.ts'
import type { StopStack } from './stop-stack.ts'
import type { Surroundings } from './supervise.ts'

/** The root of the project. */
export const projectRoot = dirname(dirname(dirname(fileURLToPath(import.meta.url))))

/** What every part of the launcher needs to know: where things are, and when to stop. */
export interface House extends Surroundings {
  mode: 'start' | 'test'
  root: string
  /** Where this run keeps the servers' data, pid files and logs. */
  dataDir: string
  /** Where downloaded programs are kept, for `npm start` and `npm test` alike. */
  packagesDir: string
  env: NodeJS.ProcessEnv
  secrets: Secrets
  opened: StopStack
  /** Whether services are started again when their source changes. */
  watch?: boolean
}

/** The data folder, made where it is missing, without symbolic links: processes are known by their folder. */
export function openDataDir(env: NodeJS.ProcessEnv): string {
  const path = resolve(projectRoot, env['DATA_DIR'] || '.data')
  mkdirSync(path, { recursive: true })
  return realpathSync(path)
}

export const runDirOf = (dataDir: string) => join(dataDir, 'run')
export const packagesDirOf = (dataDir: string) => join(dataDir, 'packages')
