import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { House } from '../launcher/house.ts'
import { startTogether } from '../launcher/start-together.ts'
import { readState } from '../launcher/state.ts'
import { createComposeServers } from './compose.ts'
import { createTestContainers } from './containers.ts'
import { isDockerUp } from './docker.ts'
import { findServer } from './find-server.ts'
import { placeOf } from './place.ts'
import { decideSources, type ServerKind, serverKinds, type SourceName, urlVariables } from './sources.ts'

/** Brings up PostgreSQL, Redis and NATS at the same time and returns their URLs. */
export async function startServers(house: House): Promise<Record<ServerKind, string>> {
  const { env } = house
  const docker = serverKinds.some((kind) => !env[urlVariables[kind]]) && (await isDockerUp(house.signal))
  const sources = new Map(serverKinds.map((kind) => [kind, sourcesOf(kind, docker, house)]))
  const inDocker = serverKinds.filter((kind) => sources.get(kind)?.[0] === 'docker')
  const inContainer =
    house.mode === 'test' ? createTestContainers(house) : createComposeServers(inDocker, house)
  const servers = await startTogether(serverKinds, house.signal, (kind, signal) => {
    const wantedMajor = kind === 'postgres' ? majorOfData(house) : undefined
    return findServer(kind, sources.get(kind) ?? [], {
      house: { ...house, signal },
      inContainer,
      wantedMajor,
    })
  })
  return Object.fromEntries(servers.map(({ kind, url }) => [kind, url])) as Record<ServerKind, string>
}

function sourcesOf(kind: ServerKind, docker: boolean, { mode, dataDir, env }: House): SourceName[] {
  const keptBy = mode === 'start' ? readState(dataDir).sources[kind] : undefined
  return decideSources(kind, { url: env[urlVariables[kind]], docker, keptBy })
}

/** The version of PostgreSQL whose data are there: no other can read them. */
function majorOfData(house: House): string | undefined {
  const file = join(placeOf(house.dataDir, house.secrets.id), 'postgres', 'data', 'PG_VERSION')
  return existsSync(file) ? readFileSync(file, 'utf8').trim() : undefined
}
