import { failure, isFailure, reasonOf } from '../launcher/failure.ts'
import type { House } from '../launcher/house.ts'
import { readState, rememberSource } from '../launcher/state.ts'
import { waitUntil } from '../launcher/wait-until.ts'
import { findSystemWide, findUnpacked, hasDebianPackages } from './debian-packages.ts'
import { images } from './docker.ts'
import { findEmbedded } from './embedded-postgres.ts'
import { useNamedServer } from './environment.ts'
import { runOwnServer } from './own-server.ts'
import { answers, probe } from './probe.ts'
import { findInstalled } from './programs.ts'
import { type ServerKind, type SourceName, titles, urlVariables } from './sources.ts'
import type { Program, ServerInUse } from './types.ts'

export interface Search {
  house: House
  /** Starts a server in a container and returns its URL. */
  inContainer: (kind: ServerKind) => Promise<string>
  /** The major version that made the data that are there. */
  wantedMajor?: string | undefined
}

/** Goes through the sources until one gives a server that answers; says which, or why none did. */
export async function findServer(
  kind: ServerKind,
  sources: readonly SourceName[],
  search: Search,
): Promise<ServerInUse> {
  const { house } = search
  const reasons: string[] = []
  for (const source of sources) {
    house.signal.throwIfAborted()
    try {
      const server = await trySource(kind, source, search)
      house.say(server.label)
      if (house.mode === 'start' && source !== 'environment') noteSource(kind, source, house)
      return server
    } catch (error) {
      if (house.signal.aborted || isFailure(error)) throw error
      reasons.push(`  ${describe(source)}: ${reasonOf(error)}`)
    }
  }
  throw failure(`${titles[kind]} cannot be had. What was tried:`, ...reasons, '', whatToDo(kind))
}

function noteSource(kind: ServerKind, source: SourceName, house: House): void {
  const first = readState(house.dataDir).sources[kind] ?? source
  if ((first === 'docker') !== (source === 'docker')) {
    house.say(
      `note: what ${titles[kind]} kept in earlier runs is with ${describe(first as SourceName)}, which could not be used today`,
    )
  }
  rememberSource(house.dataDir, kind, source)
}

async function trySource(kind: ServerKind, source: SourceName, search: Search): Promise<ServerInUse> {
  const { house } = search
  if (source === 'environment') return useNamedServer(kind, house.env[urlVariables[kind]] ?? '', house)
  if (source === 'docker') {
    const url = await search.inContainer(kind)
    await waitUntil(() => answers(kind, url), { withinMs: 60_000, everyMs: 200, signal: house.signal })
    return {
      kind,
      url,
      source,
      label: `${titles[kind]} ${await probe(kind, url)} from Docker (${images[kind]})`,
    }
  }
  const program = await findProgram(kind, source, search)
  if (!program)
    throw new Error(
      search.wantedMajor ? `none of version ${search.wantedMajor}, which made the data` : 'not there',
    )
  const url = await runOwnServer(kind, program, house)
  return {
    kind,
    url,
    source,
    label: `${titles[kind]} ${program.version} from ${program.from}, port ${new URL(url).port}`,
  }
}

async function findProgram(
  kind: ServerKind,
  source: SourceName,
  search: Search,
): Promise<Program | undefined> {
  const { house, wantedMajor } = search
  if (source === 'program') return findInstalled(kind, wantedMajor)
  if (source === 'embedded') return findEmbedded(house, wantedMajor)
  if (!hasDebianPackages()) throw new Error('this is not Debian or Ubuntu')
  try {
    return await findUnpacked(kind, house, wantedMajor)
  } catch (error) {
    if (house.signal.aborted || process.getuid?.() !== 0) throw error
    house.say(`unpacking the package did not do: ${reasonOf(error)}`)
    return findSystemWide(kind, house, wantedMajor)
  }
}

function describe(source: SourceName): string {
  const names: Record<SourceName, string> = {
    environment: 'the environment',
    docker: 'Docker',
    program: 'a program on this machine',
    packages: "the distribution's packages",
    embedded: 'the npm registry',
  }
  return names[source]
}

function whatToDo(kind: ServerKind): string {
  const brew = { postgres: 'postgresql@17', redis: 'redis', nats: 'nats-server' }[kind]
  const install =
    process.platform === 'darwin' ? `brew install ${brew}` : 'install it with your package manager'
  return `Any of these helps: start Docker; ${install}; or name one of yours in ${urlVariables[kind]}.`
}
