import { spawn } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fail, say } from './console.mjs'
import { holdLock } from './hold-lock.mjs'

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
    if (!there) return `${path.slice('node_modules/'.length)} is not installed`
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

async function install(root, why) {
  say(`installing the packages, ${why} (npm ci, a minute or two the first time)`)
  // No package needs its install script here, and some of the scripts want to download or compile.
  const flags = ['--include=dev', '--include=optional', '--ignore-scripts', '--no-audit', '--no-fund']
  const npm = npmCommand()
  const child = spawn(npm.command, [...npm.args, 'ci', ...flags, '--loglevel=error'], {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
  })
  const ticker = setInterval(() => say(`… still installing: ${countPackages(root)} packages so far`), 5_000)
  const stop = (signal) => child.kill(signal)
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, stop)
  const [code, signal] = await ended(child)
  clearInterval(ticker)
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.removeListener(name, stop)
  if (signal)
    fail(`The installation was interrupted (${signal}).`, 'Run the same command again to finish it.')
  if (code !== 0) failWithAdvice(code)
  say(`packages installed: ${countPackages(root)}`)
}

function failWithAdvice(code) {
  fail(
    `npm ci ended with code ${code}; its message is above.`,
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

function countPackages(root) {
  try {
    const names = readdirSync(join(root, 'node_modules'))
    return names.filter((name) => !name.startsWith('.')).length
  } catch {
    return 0
  }
}
