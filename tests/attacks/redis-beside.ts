import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { answers } from '../../tools/servers/probe.ts'
import { eventually } from '../support/eventually.ts'
import { findServerProgram } from '../support/find-server-program.ts'
import { freePort } from '../support/service-process.ts'

/** A Redis of a test's own that keeps what it was told, as the project's own configuration does; it can be killed. */
export interface RedisBeside {
  url: string
  /** kill -9, and wait until it is gone. */
  kill(): Promise<void>
  start(): Promise<void>
  stop(): Promise<void>
}

export async function startRedisBeside(): Promise<RedisBeside> {
  const { path, env } = await findServerProgram('redis')
  const home = mkdtempSync(join(tmpdir(), 'purse-redis-'))
  const port = await freePort()
  const password = randomBytes(16).toString('hex')
  const url = `redis://:${password}@127.0.0.1:${port}`
  const settings = [
    'bind 127.0.0.1',
    `port ${port}`,
    `requirepass ${password}`,
    `dir "${home}"`,
    'appendonly yes',
    'appendfsync always',
    'save ""',
    'maxmemory-policy noeviction',
  ]
  writeFileSync(join(home, 'redis.conf'), `${settings.join('\n')}\n`, { mode: 0o600 })
  let child: ChildProcess | undefined
  const kill = async () => {
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    const gone = once(child, 'exit')
    child.kill('SIGKILL')
    await gone
  }
  process.once('exit', () => child?.kill('SIGKILL'))
  const start = async () => {
    child = spawn(path, [join(home, 'redis.conf')], { env: { ...process.env, ...env }, stdio: 'ignore' })
    await eventually(
      () => answers('redis', url),
      (there) => there,
      30_000,
    )
  }
  await start()
  return {
    url,
    kill,
    start,
    stop: async () => {
      await kill()
      rmSync(home, { recursive: true, force: true })
    },
  }
}
