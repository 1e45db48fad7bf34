import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse, stringify } from 'yaml'
import { findPromtool } from './alerts/find-promtool.ts'
import { openDataDir, packagesDirOf, projectRoot } from './launcher/house.ts'
import { runCommand } from './launcher/run-command.ts'

/**
 * A part of `npm run check`: reads Prometheus' settings and rules, tries each alert on series that are bad and good, and reads
 * what the dashboard asks.
 */
const folder = join(projectRoot, 'deploy/prometheus')
const dataDir = openDataDir(process.env)
const promtool = await findPromtool(packagesDirOf(dataDir))
const temporary = mkdtempSync(join(dataDir, 'alerts-'))
try {
  const asked = join(temporary, 'dashboard.yml')
  writeFileSync(asked, rulesOfDashboard())
  const inCluster = join(temporary, 'kubernetes.yml')
  writeFileSync(inCluster, withoutDiscovery())
  const tests = readdirSync(join(folder, 'tests')).map((file) => join('tests', file))
  for (const args of [
    ['check', 'config', 'prometheus.yml', inCluster],
    ['check', 'rules', asked],
    ['test', 'rules', ...tests],
  ]) {
    const { ok, output } = await runCommand(promtool, args, { cwd: folder, withinMs: 60_000 })
    console.log(output)
    if (!ok) process.exitCode = 1
  }
} finally {
  rmSync(temporary, { recursive: true, force: true })
}

interface PrometheusSettings {
  rule_files: string[]
  scrape_configs: { kubernetes_sd_configs?: object[] }[]
}

/** The settings for a cluster but for how pods are found, which Debian's promtool was built without. */
function withoutDiscovery(): string {
  const settings = parse(readFileSync(join(folder, 'kubernetes.yml'), 'utf8')) as PrometheusSettings
  const scraped = settings.scrape_configs.map(({ kubernetes_sd_configs: _, ...others }) => others)
  const rules = settings.rule_files.map((file) => join(folder, file))
  return stringify({ ...settings, rule_files: rules, scrape_configs: scraped })
}

/** Each question of the dashboard as a rule, which is what promtool reads. */
function rulesOfDashboard(): string {
  const path = join(projectRoot, 'deploy/grafana/dashboards/common-purse.json')
  const { panels } = JSON.parse(readFileSync(path, 'utf8')) as {
    panels: { id: number; targets?: { expr: string }[] }[]
  }
  const rules = panels.flatMap(({ id, targets = [] }) =>
    targets.map(({ expr }, n) => ({ record: `panel:${id}:${n}`, expr })),
  )
  return stringify({ groups: [{ name: 'dashboard', rules }] })
}
