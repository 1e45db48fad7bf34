import type { House } from '../launcher/house.ts'
import { runCommand, tailOf } from '../launcher/run-command.ts'
import { sayWhileWaiting } from '../launcher/say.ts'
import type { ServerKind } from './sources.ts'

/** The images that deploy/compose/servers.yml and the tests use. */
export const images: Record<ServerKind, string> = {
  postgres: 'postgres:17-alpine',
  redis: 'redis:8-alpine',
  nats: 'nats:2-alpine',
}

const ENGINE_ANSWERS_WITHIN_MS = 2_500

/** Whether a Docker engine answers, soon: an engine that hangs is no better than none. */
export async function isDockerUp(signal: AbortSignal): Promise<boolean> {
  const args = ['version', '--format', '{{.Server.Version}}']
  const { ok, stdout } = await runCommand('docker', args, { signal, withinMs: ENGINE_ANSWERS_WITHIN_MS })
  return ok && stdout.trim() !== ''
}

/** Makes sure that the image is there; throws the reason why it cannot be had. */
export async function requireImage(image: string, house: Pick<House, 'say' | 'signal'>): Promise<void> {
  const { signal } = house
  if ((await runCommand('docker', ['image', 'inspect', image], { signal, withinMs: 10_000 })).ok) return
  house.say(`pulling the image ${image}`)
  const quiet = sayWhileWaiting(`pulling ${image}`)
  try {
    const { ok, output } = await runCommand('docker', ['pull', '--quiet', image], {
      signal,
      withinMs: 180_000,
    })
    if (!ok) throw new Error(`the image ${image} cannot be pulled: ${tailOf(output, 1)}`)
  } finally {
    quiet()
  }
}
