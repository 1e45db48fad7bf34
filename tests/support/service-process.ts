import { type ChildProcess, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { existsSync, mkdirSync, readdirSync, rmdirSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { eventually } from './eventually.ts'
import type { House } from './house.ts'

type Name = 'auth' | 'ledger' | 'audit' | 'gateway' | 'bot'

/** A service as a process of its own, which can be killed. */
export interface ServiceProcess {
  url: string
  opsUrl: string
  /** kill -9, and wait until it is gone. */
  kill(): Promise<void>
  /** Stops it in the middle of whatever it does, and lets it go on. */
  freeze(): void
  thaw(): void
  /** Starts it again on the same ports and waits until it is ready. */
  start(): Promise<void>
  stop(): Promise<void>
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  server.close()
  await once(server, 'close')
  return port
}

/** The settings of a service beside a house: on its database, trusting its auth service. */
export const settingsBeside = (
  { env, urls, database }: House,
  service: 'ledger' | 'audit',
): Record<string, string> => ({
  ...env,
  DATABASE_URL: database.urlOf(service),
  JWKS_URL: `${urls.auth}/.well-known/jwks.json`,
})

/** `onLog` is told of each line that it logs; without it they are shown. */
export async function startServiceProcess(
  name: Name,
  env: Record<string, string>,
  onLog?: (line: string) => void,
): Promise<ServiceProcess> {
  const [port, opsPort] = [await freePort(), await freePort()]
  const opsUrl = `http://127.0.0.1:${opsPort}`
  const spoolDir = join(tmpdir(), `purse-access-${randomUUID()}`)
  let child: ChildProcess | undefined

  const isReady = () =>
    fetch(`${opsUrl}/readyz`).then(
      ({ status }) => status === 200,
      () => false,
    )
  const start = async () => {
    mkdirSync(spoolDir, { recursive: true })
    child = spawn(process.execPath, [join(import.meta.dirname, `../../services/${name}/src/main.ts`)], {
      env: {
        ...process.env,
        ACCESS_SPOOL_DIR: spoolDir,
        ...env,
        PORT: String(port),
        OPS_PORT: String(opsPort),
      },
      // The channel ends it with this process, whatever happens to this one.
      stdio: ['ignore', onLog ? 'pipe' : 'inherit', 'inherit', 'ipc'],
    })
    if (onLog) createInterface({ input: child.stdout! }).on('line', onLog)
    await eventually(isReady, (ready) => ready, 20_000)
  }
  const end = async (signal: 'SIGKILL' | 'SIGTERM') => {
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    const gone = once(child, 'exit')
    child.kill(signal)
    await gone
  }
  await start()
  return {
    url: `http://127.0.0.1:${port}`,
    opsUrl,
    start,
    kill: () => end('SIGKILL'),
    freeze: () => void child?.kill('SIGSTOP'),
    thaw: () => void child?.kill('SIGCONT'),
    stop: async () => {
      await end('SIGTERM')
      if (existsSync(spoolDir) && readdirSync(spoolDir).length === 0) rmdirSync(spoolDir) // what is left is for the next start
    },
  }
}
