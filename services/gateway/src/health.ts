import type { Health } from '@common-purse/contracts'

export interface Probe {
  name: string
  /** Resolves when what it asks is well. */
  check(): Promise<void>
}

const CHECK_MS = 2_000
const KEEP_MS = 1_000

/** Asks a service whether it is ready, or, without its internal port, whether it answers at all. */
export const serviceProbe = (name: string, url: string, opsUrl: string | undefined): Probe => ({
  name,
  check: async () => {
    const answer = await fetch(opsUrl ? `${opsUrl}/readyz` : url, { signal: AbortSignal.timeout(CHECK_MS) })
    await answer.body?.cancel()
    if (opsUrl && !answer.ok) throw new Error(`${name} is not ready`)
  },
})

/** The state of everything behind the gateway. Asked at most once a second, however often it is called. */
export function createHealth(probes: Probe[], now = () => performance.now()): () => Promise<Health> {
  let latest: { at: number; health: Promise<Health> } | undefined
  const ask = async (): Promise<Health> => {
    const results = await Promise.all(probes.map(runProbe))
    return {
      status: results.every((result) => result === 'ok') ? 'ok' : 'degraded',
      time: new Date().toISOString(),
      services: Object.fromEntries(probes.map(({ name }, index) => [name, results[index]!])),
    }
  }
  return () => {
    if (!latest || now() - latest.at > KEEP_MS) latest = { at: now(), health: ask() }
    return latest.health
  }
}

async function runProbe({ check }: Probe): Promise<'ok' | 'unavailable'> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('timeout')), CHECK_MS)
  })
  return await Promise.race([check(), late])
    .then(
      () => 'ok' as const,
      () => 'unavailable' as const,
    )
    .finally(() => clearTimeout(timer))
}
