import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { failure, reasonOf } from '../launcher/failure.ts'
import { findUnpacked, hasDebianPackages, type PackagePlace } from '../servers/debian-packages.ts'
import { images, isDockerUp, requireImage } from '../servers/docker.ts'
import { isProgram, programFolders, versionOf } from '../servers/programs.ts'

type Name = 'pg_dump' | 'pg_restore'

/** One of PostgreSQL's client programs that runs here. */
export interface ClientProgram {
  command: string
  /** Come before its own arguments. */
  before: readonly string[]
  version: string
  /** For a person. */
  from: string
  /** What it needs in its environment to find its libraries. */
  env: Record<string, string>
}

const majorOf = (version: string) => Number(version.split('.', 1)[0])

/**
 * The program for this major version. An older one refuses to read a newer server's database, and a newer one
 * may write settings that the server does not know: the nearest is taken.
 */
export function chooseProgram<Found extends { version: string }>(
  found: readonly Found[],
  wantedMajor: number,
): Found | undefined {
  const able = found.filter(({ version }) => majorOf(version) >= wantedMajor)
  return able.toSorted((a, b) => majorOf(a.version) - majorOf(b.version))[0]
}

/** Where they are looked for, in this order: on this machine, in the image that servers are run from, in packages. */
const sources: [string, (name: Name, place: PackagePlace) => Promise<ClientProgram[]>][] = [
  ['this machine', (name) => versionsIn(name, programFolders('postgres'))],
  ['Docker', inImage],
  ["the distribution's packages", inPackages],
]

/** Found as servers are, for what has these versions: the server, and the dump that is there already. */
export async function findClientProgram(
  name: Name,
  versions: readonly string[],
  place: PackagePlace,
): Promise<ClientProgram> {
  const major = Math.max(...versions.map(majorOf))
  const reasons: string[] = []
  for (const [title, find] of sources) {
    place.signal.throwIfAborted()
    const found = await find(name, place).catch((error: unknown) => {
      reasons.push(`  ${title}: ${reasonOf(error)}`)
      return []
    })
    const chosen = chooseProgram(found, major)
    if (chosen) return chosen
    reasons.push(...found.map(({ from, version }) => `  ${from} has version ${version}`))
  }
  throw failure(
    `This needs ${name} of PostgreSQL ${major} or newer, and there is none here:`,
    ...reasons,
    `Install PostgreSQL's client programs (postgresql-client-${major} on Debian, libpq with Homebrew) and put ${name} on the PATH.`,
  )
}

async function versionsIn(
  name: Name,
  folders: readonly string[],
  env: Record<string, string> = {},
): Promise<ClientProgram[]> {
  const found: ClientProgram[] = []
  for (const path of new Set(folders.map((folder) => join(folder, name)))) {
    if (!existsSync(path) || !isProgram(path)) continue
    const version = await versionOf(path, env)
    if (version !== undefined) found.push({ command: path, before: [], version, from: dirname(path), env })
  }
  return found
}

/** On the machine's own network, so that it finds what 127.0.0.1 means here. */
async function inImage(name: Name, place: PackagePlace): Promise<ClientProgram[]> {
  if (!(await isDockerUp(place.signal))) throw new Error('does not answer')
  await requireImage(images.postgres, place)
  const before = ['run', '--rm', '--interactive', '--network=host', '--env=PGPASSWORD', images.postgres, name]
  const version = /\d+/.exec(images.postgres)![0]
  const { DOCKER_HOST, HOME } = process.env
  const env = { ...(DOCKER_HOST && { DOCKER_HOST }), ...(HOME && { HOME }) }
  return [{ command: 'docker', before, version, from: `Docker (${images.postgres})`, env }]
}

/** The server's package brings them along. */
async function inPackages(name: Name, place: PackagePlace): Promise<ClientProgram[]> {
  if (!hasDebianPackages()) throw new Error('this is not Debian or Ubuntu')
  const server = await findUnpacked('postgres', place)
  return server ? await versionsIn(name, [dirname(server.path)], server.env) : []
}
