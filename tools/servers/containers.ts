import type { House } from '../launcher/house.ts'
import { reasonOf } from '../launcher/failure.ts'
import { images, requireImage } from './docker.ts'
import type { ServerKind } from './sources.ts'

/** The helper that removes containers after a crash. Tests go without it where it cannot be had. */
const REAPER = 'testcontainers/ryuk:0.14.0'

/** Servers for one run of the tests, in containers that testcontainers starts and removes. */
export function createTestContainers(house: House) {
  let reaper: Promise<void> | undefined
  return async (kind: ServerKind): Promise<string> => {
    await requireImage(images[kind], house)
    await (reaper ??= decideReaper(house))
    const { GenericContainer, Wait } = await import('testcontainers')
    const { postgresPassword, redisPassword, natsPassword } = house.secrets
    const containers = {
      postgres: () =>
        new GenericContainer(images.postgres)
          .withEnvironment({ POSTGRES_PASSWORD: postgresPassword })
          .withCommand([
            'postgres',
            '-c',
            'max_connections=300',
            '-c',
            'fsync=off',
            '-c',
            'full_page_writes=off',
            '-c',
            'jit=off',
          ])
          .withTmpFs({ '/var/lib/postgresql/data': 'rw' })
          .withExposedPorts(5432),
      redis: () =>
        new GenericContainer(images.redis)
          .withCommand([
            'redis-server',
            '--appendonly',
            'yes',
            '--maxmemory-policy',
            'noeviction',
            '--requirepass',
            redisPassword,
          ])
          .withExposedPorts(6379),
      nats: () =>
        new GenericContainer(images.nats)
          .withCommand(['-js', '--user', 'purse', '--pass', natsPassword])
          .withExposedPorts(4222),
    }
    const container = await containers[kind]()
      .withWaitStrategy(Wait.forListeningPorts())
      .withStartupTimeout(90_000)
      .start()
    house.opened.push(async () => void (await container.stop({ timeout: 2_000 })))
    const at = (port: number) => `${container.getHost()}:${container.getMappedPort(port)}`
    if (kind === 'postgres') return `postgresql://postgres:${postgresPassword}@${at(5432)}/postgres`
    if (kind === 'redis') return `redis://:${redisPassword}@${at(6379)}`
    return `nats://purse:${natsPassword}@${at(4222)}`
  }
}

async function decideReaper(house: House): Promise<void> {
  if (process.env['TESTCONTAINERS_RYUK_DISABLED'] === 'true') return
  const image = process.env['RYUK_CONTAINER_IMAGE'] ?? REAPER
  await requireImage(image, house).catch((error: unknown) => {
    house.say(`${reasonOf(error)}; the containers are removed at the end of the run all the same`)
    process.env['TESTCONTAINERS_RYUK_DISABLED'] = 'true'
  })
}
