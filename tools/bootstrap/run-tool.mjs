import { spawn } from 'node:child_process'
import { constants } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { fail } from './console.mjs'
import { ensurePackages } from './ensure-packages.mjs'
import { findNode } from './find-node.mjs'

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))))

/**
 * Runs tools/NAME.ts with the project's own Node. This file and what it imports run on any Node from 20 on
 * and without packages, because they are what runs on a bare clone.
 */
export async function runTool(name) {
  if (Number(process.versions.node.split('.')[0]) < 20) {
    fail(`Node 20 or newer is needed to start, and this is ${process.versions.node}: https://nodejs.org`)
  }
  await ensurePackages(root)
  // What the tools use of Node is settled, whatever the warning says.
  const flags = ['--disable-warning=ExperimentalWarning']
  const child = spawn(
    findNode(root),
    [...flags, join(root, 'tools', `${name}.ts`), ...process.argv.slice(2)],
    {
      cwd: root,
      // The channel tells the tool when this process is gone, so that a kill -9 here leaves nothing running.
      stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
    },
  )
  let told = false
  const tell = (signal) => {
    told = true
    child.kill(signal)
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => tell(signal))
  // A signal for npm alone ends npm and the shell between it and this process, and goes no further.
  if (process.env['npm_lifecycle_event']) whenOrphaned(() => told || tell('SIGTERM'))
  child.once('error', (error) => fail(`tools/${name}.ts could not be started: ${error.message}`))
  child.once('exit', (code, signal) => process.exit(code ?? 128 + constants.signals[signal]))
}

function whenOrphaned(then) {
  const parent = process.ppid
  const timer = setInterval(() => {
    if (process.ppid === parent) return
    clearInterval(timer)
    then()
  }, 250)
  timer.unref()
}
