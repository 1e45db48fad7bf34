import { expect, test } from '@jest/globals'
import { createConsumerMetrics } from './consumer-metrics.ts'
import { createMetrics } from './metrics.ts'
import { poisonKinds } from './poison.ts'

test('what is kept aside is counted from 0 on, for each reader and kind', async () => {
  const metrics = createMetrics('some')
  const consumers = createConsumerMetrics(metrics)
  const counted = async () => {
    const { values } = (await metrics.registry.getMetricsAsJSON()).find(
      ({ name }) => name === 'consumer_kept_aside_total',
    )!
    return values.map(({ labels, value }) => [labels['consumer'], labels['kind'], value])
  }
  consumers.watch('some-reader', () => Promise.resolve({ lag: 0 }))
  expect(await counted()).toEqual(poisonKinds.map((kind) => ['some-reader', kind, 0]))
  consumers.keptAside('some-reader', 'unknown')
  consumers.watch('some-reader', () => Promise.resolve({ lag: 0 })) // as when the bus comes back
  expect(await counted()).toContainEqual(['some-reader', 'unknown', 1])
})
