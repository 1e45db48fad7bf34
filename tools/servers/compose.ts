import { createHash } from 'node:crypto'
import { join } from 'node:path'
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
  withinMs: number,
  signal?: AbortSignal,
) {
  const file = join(projectRoot, 'docker-compose.yml')
  const all = ['compose', '--project-name', composeProject(dataDir), '--file', file, ...args]
  return runCommand('docker', all, { cwd: projectRoot, env, withinMs, ...(signal && { signal }) })
}

/** Servers in containers, with data in named volumes. One after the other: they share a network to be made. */
export function createComposeServers(house: House) {
  let last: Promise<unknown> = Promise.resolve()
  const env: NodeJS.ProcessEnv = { ...house.env, ...composeSecrets(house) }
  return (kind: ServerKind): Promise<string> => {
    const next = last.catch(() => undefined).then(() => start(kind, house, env))
    last = next
    return next
  }
}

/** Names of variables that docker-compose.yml requires; any value does where nothing is started. */
export const composeSecrets = (house: Pick<House, 'secrets'>) => ({
  POSTGRES_PASSWORD: house.secrets.postgresPassword,
  REDIS_PASSWORD: house.secrets.redisPassword,
  NATS_PASSWORD: house.secrets.natsPassword,
})

async function start(kind: ServerKind, house: House, env: NodeJS.ProcessEnv): Promise<string> {
  await requireImage(images[kind], house)
  // A container that an earlier run could not stop would hold its port.
  await compose(['rm', '--stop', '--force', kind], house.dataDir, env, 60_000, house.signal)
  const port = await findFreePort(readState(house.dataDir).ports[kind])
  env[`${kind.toUpperCase()}_PORT`] = String(port)
  house.opened.push(async () => {
    await compose(['down'], house.dataDir, env, 90_000)
  })
  const quiet = sayWhileWaiting(`docker compose up ${kind}`)
  const args = ['up', '--detach', '--wait', '--wait-timeout', '90', '--no-deps', kind]
  const { ok, output } = await compose(args, house.dataDir, env, 120_000, house.signal).finally(quiet)
  if (!ok) throw new Error(`docker compose up ${kind} failed: ${tailOf(output, 2)}`)
  rememberPort(house.dataDir, kind, port)
  return urlOf(kind, port, house)
}

function urlOf(kind: ServerKind, port: number, { secrets }: House): string {
  const urls: Record<ServerKind, string> = {
    postgres: `postgresql://postgres:${secrets.postgresPassword}@127.0.0.1:${port}/postgres`,
    redis: `redis://:${secrets.redisPassword}@127.0.0.1:${port}`,
    nats: `nats://purse:${secrets.natsPassword}@127.0.0.1:${port}`,
  }
  return urls[kind]
}
