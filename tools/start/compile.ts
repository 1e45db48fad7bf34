import { join } from 'node:path'
import type { House } from '../launcher/house.ts'
import { runCommand } from '../launcher/run-command.ts'
import { entryOf, serviceNames } from '../services.ts'

const WITHIN_MS = 30_000

/**
 * Has Node keep the services compiled, while the servers come up: a service without settings loads all of itself and
 * ends. One that finds itself compiled starts sooner and never loads the stripper of types, which would stay in its
 * memory. Answers the setting by which it finds it; where nothing was kept, it starts all the same.
 */
export async function compileServices({ root, env, signal }: House): Promise<NodeJS.ProcessEnv> {
  const folder = env['NODE_COMPILE_CACHE'] || join(root, 'node_modules', '.cache', 'common-purse-code')
  const setting = { NODE_COMPILE_CACHE: folder }
  const options = { env: setting, cwd: root, signal, withinMs: WITHIN_MS }
  await Promise.all(
    serviceNames.map((name) => runCommand(process.execPath, [join(root, entryOf(name))], options)),
  )
  return setting
}
