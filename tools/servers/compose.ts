import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { findFreePort } from '../launcher/free-port.ts'
import { type House, projectRoot } from '../launcher/house.ts'
import { runCommand, tailOf } from '../launcher/run-command.ts'
import { sayWhileWaiting } from '../launcher/say.ts'
import { readState, rememberPort } from '../launcher/state.ts'
import { images, requireImage } from './docker.ts'
import type { ServerKind } from './sources.ts'

/** Containers and volumes carry the name of the data folder that they belong to. */
export const composeProject = (dataDir: string) =>
  `common-purse-${createHash('sha256').update(dataDir).digest('hex').slice(0, 8)}`

/** Runs `docker compose` for this data folder. */
export function compose(
  args: readonly string[],
  dataDir: string,
  env: NodeJS.ProcessEnv,
  limits: { withinMs: number; signal?: AbortSignal },
) {
  const file = join(import.meta.dirname, 'docker-compose.yml')
  const all = ['compose', '--project-name', composeProject(dataDir), '--file', file, ...args]
  return runCommand('docker', all, { cwd: projectRoot, env, ...limits })
}

/** Servers in containers, with data in named volumes: all of them with one command, or one at a time where that fails. */
export function createComposeServers(kinds: readonly ServerKind[], house: House) {
  const project: Project = { house, env: { ...house.env, ...composeSecrets(house) } }
  const imageOf = new Map(kinds.map((kind) => [kind, requireImage(images[kind], house)]))
  const together = startThoseWithImage(imageOf, project)
  let last: Promise<unknown> = together
  return async (kind: ServerKind): Promise<string> => {
    await (imageOf.get(kind) ?? requireImage(images[kind], house))
    let { ports, complaint } = await together
    if (ports[kind] === undefined) {
      const turn = last.then(() => start([kind], project))
      last = turn.catch(() => undefined)
      ;({ ports, complaint } = await turn)
    }
    const port = ports[kind]
    if (port === undefined) throw new Error(`docker compose up ${kind} failed: ${complaint}`)
    rememberPort(house.dataDir, kind, port)
    return urlOf(kind, port, house)
  }
}

interface Project {
  house: House
  env: NodeJS.ProcessEnv
}

interface Started {
  ports: Partial<Record<ServerKind, number>>
  complaint: string
}

async function startThoseWithImage(
  imageOf: Map<ServerKind, Promise<void>>,
  project: Project,
): Promise<Started> {
  const nothing: Started = { ports: {}, complaint: '' }
  const looked = await Promise.allSettled(imageOf.values())
  const possible = [...imageOf.keys()].filter((_, index) => looked[index]?.status === 'fulfilled')
  return possible.length === 0 ? nothing : start(possible, project).catch(() => nothing)
}

/** The variables that docker-compose.yml beside this file requires; any value does where nothing is started. */
export const composeSecrets = (house: Pick<House, 'secrets'>) => ({
  POSTGRES_PASSWORD: house.secrets.postgresPassword,
  REDIS_PASSWORD: house.secrets.redisPassword,
  NATS_PASSWORD: house.secrets.natsPassword,
})

async function start(kinds: readonly ServerKind[], { house, env }: Project): Promise<Started> {
  const { dataDir, signal } = house
  // Containers that an earlier run could not stop would hold their ports.
  await compose(['rm', '--stop', '--force', ...kinds], dataDir, env, { withinMs: 60_000, signal })
  const ports: Started['ports'] = {}
  for (const kind of kinds) {
    const port = await findFreePort(readState(dataDir).ports[kind])
    ports[kind] = port
    env[`${kind.toUpperCase()}_PORT`] = String(port)
  }
  house.opened.push(async () => void (await compose(['down'], dataDir, env, { withinMs: 90_000 })))
  house.opened.push(sayWhenOneEnds(house))
  const quiet = sayWhileWaiting(`docker compose up ${kinds.join(' ')}`)
  const args = ['up', '--detach', '--wait', '--wait-timeout', '90', '--no-deps', ...kinds]
  const { ok, output } = await compose(args, dataDir, env, { withinMs: 120_000, signal }).finally(quiet)
  return ok ? { ports, complaint: '' } : { ports: {}, complaint: tailOf(output, 2) }
}

/** Docker starts again what ends (restart: always); it is said here. Returns the function that ends the watch. */
function sayWhenOneEnds(house: House): () => void {
  const filters = [`label=com.docker.compose.project=${composeProject(house.dataDir)}`, 'event=die']
  const format = '{{index .Actor.Attributes "com.docker.compose.service"}}'
  const args = ['events', ...filters.flatMap((filter) => ['--filter', filter]), '--format', format]
  const watch = spawn('docker', args, { stdio: ['ignore', 'pipe', 'ignore'], detached: true })
  watch.on('error', () => undefined)
  createInterface({ input: watch.stdout }).on('line', (name) =>
    house.say(`${name} ended: Docker starts it again`),
  )
  return () => void watch.kill()
}

function urlOf(kind: ServerKind, port: number, { secrets }: House): string {
  const urls: Record<ServerKind, string> = {
    postgres: `postgresql://postgres:${secrets.postgresPassword}@127.0.0.1:${port}/postgres`,
    redis: `redis://:${secrets.redisPassword}@127.0.0.1:${port}`,
    nats: `nats://purse:${secrets.natsPassword}@127.0.0.1:${port}`,
  }
  return urls[kind]
}
