import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { cpus, loadavg, tmpdir, totalmem } from 'node:os'
import { join, relative } from 'node:path'
import { parseArgs } from 'node:util'
import { format, resolveConfig } from 'prettier'
import { projectRoot } from '../../tools/launcher/house.ts'
import { listenForStop } from '../../tools/launcher/stop-signals.ts'
import { files } from './promises.ts'
import { holds, type Result, seen, toMarkdown, toRows, untried } from './table.ts'

const page = join(projectRoot, 'docs/ATTACKS.md')
const { values: options, positionals: only } = parseArgs({
  options: { write: { type: 'boolean', default: false }, timing: { type: 'boolean', default: false } },
  allowPositionals: true,
})
const stop = listenForStop()

/** Runs the tests in which attacks are tried, with servers of their own; answers every test's end. */
async function runTests(reports: string): Promise<Result[]> {
  const chosen = files.filter((file) => only.length === 0 || only.some((part) => file.includes(part)))
  if (chosen.length === 0) throw new Error(`No file of the attacks is called ${only.join(' or ')}`)
  const output = join(reports, 'results.json')
  const child = spawn(
    process.execPath,
    [
      join(projectRoot, 'tools/test.mjs'),
      ...[
        '--selectProjects',
        'component',
        'system',
        'attacks',
        '--silent',
        '--testTimeout=120000',
        '--json',
        `--outputFile=${output}`,
      ],
      ...['--testPathPatterns', chosen.map((file) => `/${file.replaceAll('.', '\\.')}$`).join('|')],
    ],
    {
      cwd: projectRoot,
      stdio: ['ignore', 'ignore', 'inherit'],
      env: { ...process.env, ...(options.timing ? { ATTACK_TIMING: join(reports, 'timing.json') } : {}) },
    },
  )
  stop.signal.addEventListener('abort', () => child.kill('SIGTERM'))
  await new Promise((resolve, reject) => child.once('error', reject).once('exit', resolve))
  const { testResults } = JSON.parse(readFileSync(output, 'utf8')) as {
    testResults: { name: string; message: string; assertionResults: { fullName: string; status: string }[] }[]
  }
  return testResults.flatMap(({ name: path, assertionResults }) =>
    assertionResults.map(({ fullName: name, status }) => ({
      file: relative(projectRoot, path),
      name,
      passed: status === 'passed',
    })),
  )
}

interface Measured {
  rows: ReturnType<typeof toRows>
  tests: number
  seconds: number
  /** What else the machine had to do: its load average of a minute before the run. */
  load: number
  timing: { rounds: number; known: number; unknown: number; ratio: number } | undefined
}

async function write({ rows, tests, seconds, load, timing }: Measured): Promise<void> {
  const machine = `${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}, ${Math.round(totalmem() / 2 ** 30)} GB, Node ${process.versions.node}, load ${load.toFixed(1)} before`
  const said = timing
    ? `User enumeration by time: ${timing.rounds} wrong passwords of a known and as many of unknown addresses in turn, medians ${timing.known.toFixed(1)} ms and ${timing.unknown.toFixed(1)} ms, a ratio of ${timing.ratio.toFixed(3)}; other tests ran at the same time.`
    : ''
  const measured = `Measured on ${new Date().toISOString().slice(0, 10)} (${machine}): ${tests} tests in ${Math.round(seconds)} s.`
  const text = readFileSync(page, 'utf8').replace(
    /(<!-- measured -->\n)[^]*(\n<!-- end -->)/,
    (_, start: string, end: string) =>
      `${start}\n${[measured, said, toMarkdown(rows)].filter(Boolean).join('\n\n')}\n${end}`,
  )
  writeFileSync(page, await format(text, { ...(await resolveConfig(page)), parser: 'markdown' }))
}

/** A line for each attack, and for each that went wrong what did; answers whether all fail as they must. */
function tell(rows: Measured['rows'], results: readonly Result[]): boolean {
  for (const row of rows) {
    const { group, attack } = row
    console.log(
      `${holds(row) ? 'ok    ' : 'FAILED'} attacks: ${group}: ${attack.words} → ${attack.expected}: ${seen(row)}`,
    )
  }
  const missing = only.length === 0 ? untried(results) : []
  for (const { file, part = '' } of missing) console.log(`FAILED attacks: no test “${part}” in ${file}`)
  const broken = results.filter(({ passed }) => !passed)
  for (const { file, name } of broken) console.log(`  ${file}: ${name}`)
  return rows.every(holds) && missing.length + broken.length === 0
}

/** `npm run attacks [-- --write --timing PART…]` */
async function main(): Promise<number> {
  const reports = mkdtempSync(join(tmpdir(), 'purse-attacks-'))
  try {
    const load = loadavg()[0]!
    const startedAt = performance.now()
    const results = await runTests(reports)
    const seconds = (performance.now() - startedAt) / 1000
    const rows = toRows(results).filter((row) => only.length === 0 || row.tests > 0)
    const right = tell(rows, results)
    console.log(`attacks: ${rows.length} in ${results.length} tests, ${Math.round(seconds)} s`)
    if (options.write && right)
      await write({ rows, tests: results.length, seconds, load, timing: readTiming(reports) })
    return right ? 0 : 1
  } finally {
    rmSync(reports, { recursive: true, force: true })
  }
}

const readTiming = (reports: string): Measured['timing'] =>
  options.timing
    ? (JSON.parse(readFileSync(join(reports, 'timing.json'), 'utf8')) as Measured['timing'])
    : undefined

process.exit(await main())
