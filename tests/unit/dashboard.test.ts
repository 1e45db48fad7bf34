import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { createMetrics } from '../../libs/kit/src/metrics.ts'

const root = join(import.meta.dirname, '../..')
const dashboard = JSON.parse(
  readFileSync(join(root, 'deploy/grafana/dashboards/common-purse.json'), 'utf8'),
) as { panels: { title: string; targets?: { expr: string }[] }[] }

/** Names of metrics in an expression: words with an underscore that are not its functions or labels. */
const metricsIn = (expression: string) =>
  [...expression.replaceAll(/"[^"]*"/g, '').matchAll(/\b[a-z]+(?:_[a-z0-9]+)+\b(?!\s*[(=])/g)].map(
    ([name]) => name,
  )

test('every metric of the dashboard is one that a service has', () => {
  const code = execFileSync('git', ['grep', '-h', '-e', '_', '--', 'libs/kit/src', 'services/*/src/*'], {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  })
  const inCode = new Set(code.match(/\b[a-z]+(?:_[a-z0-9]+)+\b/g))
  const ofProcess = new Set(
    createMetrics('any')
      .registry.getMetricsAsArray()
      .map(({ name }) => name),
  )
  const asked = dashboard.panels.flatMap(({ targets = [] }) => targets.flatMap(({ expr }) => metricsIn(expr)))
  const isKnown = (name: string) =>
    inCode.has(name.replace(/_(?:bucket|count|sum)$/, '')) || ofProcess.has(name)
  expect(asked.length).toBeGreaterThan(15)
  expect(asked.filter((name) => !isKnown(name))).toEqual([])
})
