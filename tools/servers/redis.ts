import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { House } from '../launcher/house.ts'
import { endProcessesIn } from './end-processes-in.ts'
import { answers } from './probe.ts'
import { programNames } from './programs.ts'
import type { Program, Recipe } from './types.ts'

/** Redis that keeps what it was told: a nonce must not be forgotten by a crash, nor evicted for want of memory. */
export function redisRecipe(program: Program, port: number, house: House): Recipe {
  const home = join(house.dataDir, 'redis')
  const configFile = join(home, 'redis.conf')
  const url = `redis://:${house.secrets.redisPassword}@127.0.0.1:${port}`
  return {
    url,
    async prepare() {
      mkdirSync(home, { recursive: true, mode: 0o700 })
      writeFileSync(configFile, configuration(port, home, house), { mode: 0o600 })
    },
    process: {
      command: program.path,
      args: [configFile],
      env: { PATH: process.env['PATH'], ...program.env },
      cwd: home,
      isReady: () => answers('redis', url),
      stopSteps: [{ signal: 'SIGTERM', waitMs: 10_000 }],
      cleanUp: () => endProcessesIn(home, programNames.redis),
    },
  }
}

function configuration(port: number, home: string, house: House): string {
  const lines = [
    'bind 127.0.0.1',
    `port ${port}`,
    `requirepass ${house.secrets.redisPassword}`,
    `dir "${home}"`,
    'appendonly yes',
    'save ""',
    'maxmemory-policy noeviction',
    'daemonize no',
    'logfile ""',
    // A half-written end of the file after a crash is cut off, and the server comes back.
    'aof-load-truncated yes',
    ...(house.mode === 'test' ? ['appendfsync no'] : ['appendfsync everysec']),
  ]
  return `${lines.join('\n')}\n`
}
