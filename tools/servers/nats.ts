import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { House } from '../launcher/house.ts'
import { endProcessesIn } from './end-processes-in.ts'
import { answers, streamsAnswer } from './probe.ts'
import { programNames } from './programs.ts'
import type { Program, Recipe } from './types.ts'

/** NATS with JetStream on files. */
export function natsRecipe(program: Program, port: number, house: House): Recipe {
  const home = join(house.dataDir, 'nats')
  const configFile = join(home, 'nats.conf')
  const url = `nats://purse:${house.secrets.natsPassword}@127.0.0.1:${port}`
  return {
    url,
    async prepare() {
      mkdirSync(home, { recursive: true, mode: 0o700 })
      writeFileSync(configFile, configuration(program, port, house), { mode: 0o600 })
    },
    process: {
      command: program.path,
      args: ['-c', configFile],
      env: { PATH: process.env['PATH'], ...program.env },
      cwd: home,
      isReady: () => answers('nats', url),
      // After its disk was full it takes connections and stores nothing, also when there is room again.
      watch: { isWell: () => streamsAnswer(url), everyMs: 5_000, patienceMs: 20_000 },
      stopSteps: [{ signal: 'SIGTERM', waitMs: 10_000 }],
      cleanUp: () => endProcessesIn(home, programNames.nats),
    },
  }
}

/**
 * The disk is the limit. Left to itself the server takes what is free when it starts: on a full disk nothing, and it then
 * refuses the streams that it has, also when there is room again.
 */
const FILE_STORE_MAX = '1TB'

function configuration(program: Program, port: number, house: House): string {
  const store = join(house.dataDir, 'nats', 'jetstream')
  // An acknowledged event must survive a power cut; servers before 2.10 do not know the setting.
  const always =
    house.mode === 'start' && isAtLeast(program.version, 2, 10) ? '  sync_interval: always\n' : ''
  return `server_name: common-purse
listen: "127.0.0.1:${port}"
authorization { user: "purse", password: "${house.secrets.natsPassword}" }
jetstream {
  store_dir: "${store}"
  max_file_store: ${FILE_STORE_MAX}
${always}}
`
}

/** Compares the first two numbers of a version. */
export function isAtLeast(version: string, major: number, minor: number): boolean {
  const [first = 0, second = 0] = version.split('.').map(Number)
  return first > major || (first === major && second >= minor)
}
