import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { findPromtool } from './alerts/find-promtool.ts'
import { openDataDir, packagesDirOf, projectRoot } from './launcher/house.ts'
import { runCommand } from './launcher/run-command.ts'

/** A part of `npm run check`: reads Prometheus' settings and rules, and tries each alert on series that are bad and good. */
const folder = join(projectRoot, 'deploy/prometheus')
const promtool = await findPromtool(packagesDirOf(openDataDir(process.env)))
const tests = readdirSync(join(folder, 'tests')).map((file) => join('tests', file))
for (const args of [
  ['check', 'config', 'prometheus.yml', 'kubernetes.yml'],
  ['test', 'rules', ...tests],
]) {
  const { ok, output } = await runCommand(promtool, args, { cwd: folder, withinMs: 60_000 })
  console.log(output)
  if (!ok) process.exitCode = 1
}
