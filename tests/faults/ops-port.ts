import type { ServiceName } from '../../tools/services.ts'
import type { FaultHouse } from './house.ts'

type Place = Pick<FaultHouse, 'context'>

/** What a service's readiness says of one thing; undefined when it says nothing. */
export async function readCheck(house: Place, service: ServiceName, check: string) {
  const text = await readText(house, service, 'readyz')
  return (JSON.parse(text || '{}') as { checks?: Record<string, string> }).checks?.[check]
}

export interface Metrics {
  /** The greatest value of a metric over its labels; undefined when it is not told. */
  most(name: string): number | undefined
}

/** The metrics of a service as they are now. */
export async function readMetrics(house: Place, service: ServiceName): Promise<Metrics> {
  const text = await readText(house, service, 'metrics')
  return {
    most: (name) => {
      const lines = text.matchAll(new RegExp(`^${name}(?:\\{[^}]*\\})? (\\S+)$`, 'gm'))
      const values = [...lines].map(([, value]) => Number(value))
      return values.length === 0 ? undefined : Math.max(...values)
    },
  }
}

const readText = ({ context }: Place, service: ServiceName, path: string): Promise<string> =>
  fetch(`http://127.0.0.1:${context.ports[service].opsPort}/${path}`, {
    signal: AbortSignal.timeout(3_000),
  }).then(
    (answer) => answer.text(),
    () => '',
  )
