import { createDemoFamily } from '../demo.ts'
import { buildPages } from '../launcher/build-pages.ts'
import { failure } from '../launcher/failure.ts'
import { findFreePort, isPortFree } from '../launcher/free-port.ts'
import type { House } from '../launcher/house.ts'
import { rememberPort } from '../launcher/state.ts'
import { waitUntil } from '../launcher/wait-until.ts'
import { startServers } from '../servers/start-servers.ts'
import { services } from '../services.ts'
import { prepareDatabases } from './databases.ts'
import { compileServices } from './compile.ts'
import { chooseServicePorts, startServices } from './start-services.ts'
import { startTelegram, type Telegram } from './telegram.ts'
import { welcome } from './welcome.ts'

/** The story of `npm start`, up to the line `ready`. What it opens is on the house's stack. */
export async function runStart(port: number, house: House): Promise<void> {
  await requireFreePort(port)
  const [server, compiled] = await Promise.all([startServers(house), compileServices(house)])
  await buildPages(house)
  const databaseUrls = await prepareDatabases(server.postgres, house)
  house.say('the databases are up to date')
  const telegram = await startTelegram(house)
  const specs = services({
    dataDir: house.dataDir,
    port,
    ports: await chooseServicePorts(port),
    databaseUrls,
    redisUrl: server.redis,
    natsUrl: server.nats,
    secrets: house.secrets,
    env: { ...environmentOf(house.env, telegram), ...compiled },
  })
  await startServices(specs, house)
  rememberPort(house.dataDir, 'public', port) // where `npm run call` finds it
  const url = `http://127.0.0.1:${port}`
  house.say('looking after the demo family')
  const demo = await createDemoFamily({ url, dataDir: house.dataDir })
  console.log(welcome({ url, setting: settingOf(port, house.env), telegram, demo }))
  console.log(`ready ${url}`)
}

/** The port that was asked for; 0 means any. */
export async function choosePort(text: string | undefined): Promise<number> {
  const port = Number(text || '8000')
  if (!/^\d*$/.test(text ?? '') || port > 65_535)
    throw failure(`PORT=${text} is not a port. An example: PORT=8080 npm start`)
  return port === 0 ? findFreePort() : port
}

async function requireFreePort(port: number): Promise<void> {
  // One that has just been closed may need a moment.
  if (await waitUntil(() => isPortFree(port), { withinMs: 1_000 })) return
  throw failure(
    port < 1024
      ? `Port ${port} cannot be used: it is taken, or ports below 1024 need root here.`
      : `Port ${port} is taken by another program.`,
    `Choose another one: PORT=${port === 8000 ? 8080 : port + 1} npm start`,
  )
}

const environmentOf = (env: NodeJS.ProcessEnv, telegram: Telegram | undefined): NodeJS.ProcessEnv =>
  telegram ? { ...env, TELEGRAM_BOT_TOKEN: telegram.token, TELEGRAM_API_ROOT: telegram.apiRoot } : env

function settingOf(port: number, env: NodeJS.ProcessEnv): string {
  const dataDir = env['DATA_DIR'] ? `DATA_DIR=${env['DATA_DIR']} ` : ''
  return `${dataDir}${port === 8000 ? '' : `PORT=${port} `}`
}
