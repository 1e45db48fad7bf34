import { accessSync, constants, existsSync, readdirSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { runCommand } from '../launcher/run-command.ts'
import type { ServerKind } from './sources.ts'
import type { Program } from './types.ts'

/** The names that a server's program goes by. Valkey is Redis under another name. */
export const programNames: Record<ServerKind, readonly string[]> = {
  postgres: ['postgres'],
  redis: ['redis-server', 'valkey-server'],
  nats: ['nats-server'],
}

/** Folders with server programs that are not always on the PATH of an ordinary user. */
const OTHER_FOLDERS = ['/usr/sbin', '/usr/local/sbin', '/usr/local/bin', '/opt/homebrew/bin']

/** A server program that is installed on this machine. */
export async function findInstalled(kind: ServerKind, wantedMajor?: string): Promise<Program | undefined> {
  return findIn(kind, programFolders(kind), {}, wantedMajor)
}

/** Where a server's programs, and those that come with them, may lie on this machine. */
export function programFolders(kind: ServerKind): string[] {
  const onPath = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => folder.startsWith('/'))
  return [...onPath, ...(kind === 'postgres' ? postgresFolders() : []), ...OTHER_FOLDERS]
}

/** The first program of that kind in these folders that runs, and is of the wanted major version. */
export async function findIn(
  kind: ServerKind,
  folders: readonly string[],
  env: Record<string, string>,
  wantedMajor?: string,
): Promise<Program | undefined> {
  for (const path of folders.flatMap((folder) => programNames[kind].map((name) => join(folder, name)))) {
    if (!isProgram(path) || (kind === 'postgres' && !existsSync(join(dirname(path), 'initdb')))) continue
    const version = await versionOf(path, env)
    if (version === undefined) continue
    if (wantedMajor === undefined || version.split('.')[0] === wantedMajor)
      return { path, version, from: dirname(path), env }
  }
  return undefined
}

/** Debian and Ubuntu keep PostgreSQL's programs off the PATH, one folder a version: the newest first. */
function postgresFolders(): string[] {
  const root = '/usr/lib/postgresql'
  if (!existsSync(root)) return []
  const versions = readdirSync(root).sort((a, b) => Number(b) - Number(a))
  return versions.map((version) => join(root, version, 'bin'))
}

export function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** Asking for the version shows at once whether it runs here: its libraries may be missing. */
export async function versionOf(path: string, env: Record<string, string>): Promise<string | undefined> {
  const options = { env: { PATH: process.env['PATH'], ...env }, withinMs: 10_000 }
  const { ok, output } = await runCommand(path, ['--version'], options)
  return ok ? parseVersion(output) : undefined
}

/** The version in what a server's --version prints. */
export function parseVersion(text: string): string | undefined {
  return text.match(/(?:\bv=|\bv|\s)(\d+(?:\.\d+)+)/)?.[1]
}
