import { spawnSync } from 'node:child_process'
import { join } from 'node:path'

/** `npm run check`: everything a change must pass besides its tests. Runs all checks and says which failed. */
const root = join(import.meta.dirname, '..')
const bin = (path: string, ...args: string[]) => [process.execPath, join('node_modules', path), ...args]

const checks: Record<string, string[][]> = {
  types: [
    bin('typescript/bin/tsc', '--noEmit', '-p', '.'),
    bin('typescript/bin/tsc', '--noEmit', '-p', 'services/web'),
  ],
  lint: [bin('eslint/bin/eslint.js', '--max-warnings=0', '.')],
  format: [bin('prettier/bin/prettier.cjs', '--check', '--log-level=warn', '.')],
  'dead code': [bin('knip/bin/knip.js')],
  'generated files': [
    [process.execPath, 'tools/generate.ts'],
    ['git', 'diff', '--exit-code', '--stat', '--', 'docs', '.env.example', 'services/*/src/generated/*'],
  ],
  manifests: [[process.execPath, 'tools/check-manifests.ts']],
  alerts: [[process.execPath, 'tools/check-alerts.ts']],
  OpenAPI: [
    bin('@redocly/cli/bin/cli.js', 'lint', 'docs/api/openapi.json'),
    bin('@stoplight/spectral-cli/dist/index.js', 'lint', '--fail-severity=hint', 'docs/api/openapi.json'),
  ],
}

const env = { ...process.env, REDOCLY_TELEMETRY: 'off', NO_UPDATE_NOTIFIER: '1' }
const passes = ([command = '', ...args]: string[]) => {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd: root, env, encoding: 'utf8' })
  if (status !== 0) console.log(stdout + stderr)
  return status === 0
}

const failed = Object.entries(checks).filter(([name, commands]) => {
  const startedAt = performance.now()
  const ok = commands.every(passes)
  console.log(
    `${ok ? 'ok    ' : 'FAILED'} ${name} (${((performance.now() - startedAt) / 1000).toFixed(1)} s)`,
  )
  return !ok
})
process.exitCode = failed.length === 0 ? 0 : 1
