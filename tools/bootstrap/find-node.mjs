import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { fail } from './console.mjs'

/** The oldest Node that runs this project's .ts files and its packages. */
const OLDEST = [22, 22]

/** The Node that npm installed for this project, or the running one where there is none for this platform. */
export function findNode(root) {
  const pinned = join(root, 'node_modules', '.bin', 'node')
  if (versionOf(pinned)) return pinned
  const running = process.versions.node
  if (isNewEnough(running)) return process.execPath
  return fail(
    `This project needs Node ${OLDEST.join('.')} or newer, and the one running is ${running}.`,
    `npm carries Node 24 for Linux and macOS on x64 and arm64, but it does not run here (${process.platform}-${process.arch}):`,
    '  its package may be missing:   rm -rf node_modules, then this command again',
    '  no package for this platform: install Node 24 from https://nodejs.org and run this command with it',
  )
}

function versionOf(path) {
  const { status, stdout } = spawnSync(path, ['--version'], { encoding: 'utf8' })
  return status === 0 && stdout.startsWith('v') ? stdout.trim() : undefined
}

function isNewEnough(version) {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  return major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1])
}
