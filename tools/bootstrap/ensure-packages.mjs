import { spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fail, say } from './console.mjs'
import { holdLock } from './hold-lock.mjs'

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP']

/** Installs the packages when package-lock.json names others than those that are there. */
export async function ensurePackages(root) {
  if (!missingPackage(root)) return
  for (let waiting = false; ; waiting = true) {
    const lock = await holdLock(`${root}#npm-ci`)
    if (lock.held) {
      // Whoever held the lock before us may have done the work.
      const missing = missingPackage(root)
      if (missing) await install(root, missing)
      return lock.release()
    }
    if (!waiting) say(`another command is installing the packages (${lock.info}): waiting for it`)
    await new Promise((resolve) => setTimeout(resolve, 500))
  }
}

/**
 * npm writes `node_modules/.package-lock.json` at the very end of an installation, so its absence means "not
 * installed" or "interrupted", and its contents are what is there, whichever npm command put it there.
 *
 * @returns {string | undefined} why an installation is needed
 */
function missingPackage(root) {
  const wanted = readJson(join(root, 'package-lock.json'))
  if (!wanted) fail('package-lock.json is missing or damaged.', 'Restore it: git checkout package-lock.json')
  const present = readJson(join(root, 'node_modules', '.package-lock.json'))
  if (!present) return 'the packages are not installed yet'
  for (const [path, entry] of Object.entries(wanted.packages)) {
    if (!path.startsWith('node_modules/') || entry.optional || entry.devOptional || entry.peer) continue
    const there = present.packages[path]
    if (!there || !existsSync(join(root, path)))
      return `${path.slice('node_modules/'.length)} is not installed`
    if (there.version !== entry.version) return `${path.slice('node_modules/'.length)} is ${there.version}`
  }
  return undefined
}

function readJson(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'))
  } catch {
    return undefined
  }
}

// No package needs its install script here, and some of the scripts want to download or compile.
const FLAGS = [
  '--include=dev',
  '--include=optional',
  '--ignore-scripts',
  '--no-audit',
  '--no-fund',
  '--loglevel=error',
]

async function install(root, why) {
  say(`installing the packages: ${why} (npm ci, a minute or two the first time)`)
  const clean = await runNpm(root, ['ci', ...FLAGS])
  if (clean.code !== 0) {
    // npm ci also refuses where the registry lacks a package that only another platform would need.
    say(
      `npm ci refused (${firstComplaint(clean.output)}): trying npm install, which leaves the lock file as it is`,
    )
    const { code, output } = await runNpm(root, ['install', '--no-save', ...FLAGS])
    if (code !== 0) failWithAdvice(code, output)
  }
  say('the packages are installed')
}

/** Runs npm to its end with a sign of life every five seconds. */
async function runNpm(root, args) {
  const npm = npmCommand()
  const child = spawn(npm.command, [...npm.args, ...args], { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk))
  const ticker = setInterval(() => say('… still installing'), 5_000)
  const pass = (signal) => child.kill(signal)
  for (const signal of SIGNALS) process.once(signal, pass)
  const [code, signal] = await ended(child)
  clearInterval(ticker)
  for (const name of SIGNALS) process.removeListener(name, pass)
  if (signal)
    fail(`The installation was interrupted (${signal}).`, 'Run the same command again to finish it.')
  return { code, output }
}

const firstComplaint = (output) =>
  output.match(/^npm error (?!code\b)(\S.{0,120})/m)?.[1] ?? output.trim().split('\n')[0]

function failWithAdvice(code, output) {
  fail(
    output.trim(),
    '',
    `npm ended with code ${code}; its message is above.`,
    '  no network or a proxy?        npm config get registry; npm ping',
    '  "EACCES"?                     the folder belongs to another user: chown it, or work as that user',
    '  "in sync"?                    package.json was changed: run npm install once, then this command again',
    '  anything else?                rm -rf node_modules, then this command again',
  )
}

function ended(child) {
  return new Promise((resolve) => {
    child.once('error', (error) =>
      fail(`npm could not be started: ${error.message}`, 'Install npm 10 or newer.'),
    )
    child.once('close', (code, signal) => resolve([code, signal]))
  })
}

/** The npm that runs us, or the one on PATH. */
function npmCommand() {
  const running = process.env.npm_execpath
  if (running?.endsWith('.js')) return { command: process.execPath, args: [running] }
  return { command: 'npm', args: [] }
}
