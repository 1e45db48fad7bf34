export type ServerKind = 'postgres' | 'redis' | 'nats'
export type SourceName = 'environment' | 'docker' | 'program' | 'packages' | 'embedded'

export const serverKinds: readonly ServerKind[] = ['postgres', 'redis', 'nats']

export const titles: Record<ServerKind, string> = { postgres: 'PostgreSQL', redis: 'Redis', nats: 'NATS' }

/** The variable that names a server, and with it makes all other sources superfluous. */
export const urlVariables = { postgres: 'DATABASE_URL', redis: 'REDIS_URL', nats: 'NATS_URL' } as const

/** Where to look for a server, in this order; the first that works is used. */
export function decideSources(
  kind: ServerKind,
  facts: { url: string | undefined; docker: boolean; keptBy?: string | undefined },
): SourceName[] {
  if (facts.url) return ['environment']
  const all: SourceName[] = [
    'docker',
    'program',
    'packages',
    ...(kind === 'postgres' ? (['embedded'] as const) : []),
  ]
  const possible = all.filter((source) => source !== 'docker' || facts.docker)
  // Data made in a container is not seen by a program on the machine, and the other way round. A Docker engine
  // that is installed, or stopped, between two starts must not make the family's data seem lost.
  const isKept = (source: SourceName) => (source === 'docker') === (facts.keptBy === 'docker')
  return facts.keptBy === undefined
    ? possible
    : [...possible.filter(isKept), ...possible.filter((s) => !isKept(s))]
}
