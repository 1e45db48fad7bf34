import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { jetstreamManager } from '@nats-io/jetstream'
import { connect } from '@nats-io/transport-node'
import { findFreePort } from '../../tools/launcher/free-port.ts'
import type { House } from '../../tools/launcher/house.ts'
import { supervise } from '../../tools/launcher/supervise.ts'
import { findUnpacked } from '../../tools/servers/debian-packages.ts'
import { answers } from '../../tools/servers/probe.ts'
import { findInstalled } from '../../tools/servers/programs.ts'

interface Member {
  name: string
  port: number
  clusterPort: number
}

/** Three NATS servers that keep each message three times. */
export interface NatsCluster {
  names: string[]
  /** For NATS_URL: all of them. */
  url: string
  /** Whether every stream has its three copies, all of them up to date. */
  isWhole(): Promise<boolean>
}

const SERVERS = 3

/** Starts them under the launcher's supervision, until the house is stopped. */
export async function startNatsCluster(house: House): Promise<NatsCluster> {
  const program = (await findInstalled('nats')) ?? (await findUnpacked('nats', house))
  if (!program) throw new Error('There is no program nats-server')
  const members: Member[] = []
  for (let n = 1; n <= SERVERS; n += 1)
    members.push({ name: `nats-${n}`, port: await findFreePort(), clusterPort: await findFreePort() })
  const password = house.secrets.natsPassword
  const urlOf = ({ port }: Member) => `nats://purse:${password}@127.0.0.1:${port}`
  await Promise.all(
    members.map(async (member) => {
      const home = join(house.dataDir, member.name)
      mkdirSync(home, { recursive: true, mode: 0o700 })
      const file = join(home, 'nats.conf')
      writeFileSync(file, configuration(member, members, { home, password }), { mode: 0o600 })
      const { stop } = await supervise(
        {
          name: member.name,
          command: program.path,
          args: ['-c', file],
          env: { PATH: process.env['PATH'], ...program.env },
          cwd: home,
          logFile: join(house.dataDir, 'logs', `${member.name}.log`),
          isReady: () => answers('nats', urlOf(member)),
          readyWithinMs: 60_000,
          stopSteps: [{ signal: 'SIGTERM', waitMs: 10_000 }],
        },
        house,
      )
      house.opened.push(stop)
    }),
  )
  return {
    names: members.map(({ name }) => name),
    url: members.map(urlOf).join(','),
    isWhole: () => isWhole(members, password).catch(() => false),
  }
}

const configuration = (
  { name, port, clusterPort }: Member,
  members: readonly Member[],
  { home, password }: { home: string; password: string },
) => `server_name: ${name}
listen: "127.0.0.1:${port}"
authorization { user: "purse", password: "${password}" }
jetstream { store_dir: "${join(home, 'jetstream')}" }
cluster {
  name: purse
  listen: "127.0.0.1:${clusterPort}"
  routes: [${members.map((member) => `"nats-route://127.0.0.1:${member.clusterPort}"`).join(', ')}]
}
`

async function isWhole(members: readonly Member[], password: string): Promise<boolean> {
  const servers = members.map(({ port }) => `127.0.0.1:${port}`)
  const connection = await connect({ servers, user: 'purse', pass: password, timeout: 3_000 })
  try {
    const streams = await (await jetstreamManager(connection)).streams.list().next()
    return (
      streams.length > 0 &&
      streams.every(({ cluster }) => {
        const replicas = cluster?.replicas ?? []
        return replicas.length === SERVERS - 1 && replicas.every(({ current }) => current)
      })
    )
  } finally {
    await connection.close()
  }
}
