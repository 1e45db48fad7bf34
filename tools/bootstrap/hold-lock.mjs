import { createHash } from 'node:crypto'
import { unlinkSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/**
 * Holds a name on this machine for as long as this process lives. A listening socket is used because the
 * system takes it away with the process, whatever ends it: there is no stale lock to judge or to remove.
 *
 * @param {string} key what is locked, a path for instance
 * @param {string} info what others who ask are told
 * @returns {Promise<{ held: true, release: () => void } | { held: false, info: string }>}
 */
export async function holdLock(key, info = `process ${process.pid}`) {
  const path = lockPath(key)
  for (;;) {
    const server = await listenOn(path, info)
    if (server) return { held: true, release: () => server.close() }
    const answer = await ask(path)
    if (answer !== undefined) return { held: false, info: answer }
    removeStale(path) // nobody answers: the holder has gone between the two steps, or left its file
  }
}

/** Linux has socket names without a file; elsewhere a file in the temporary folder does it. */
function lockPath(key) {
  const name = `common-purse-${createHash('sha256').update(key).digest('hex').slice(0, 32)}`
  return process.platform === 'linux' ? `\0${name}` : join(tmpdir(), `${name}.sock`)
}

function listenOn(path, info) {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => socket.on('error', () => {}).end(info))
    server.once('error', (error) => (error.code === 'EADDRINUSE' ? resolve(undefined) : reject(error)))
    server.listen(path, () => resolve(server.unref()))
  })
}

function ask(path) {
  return new Promise((resolve) => {
    let answer = ''
    const socket = connect(path)
    socket.setTimeout(2_000, () => socket.destroy())
    socket.once('connect', () => socket.once('close', () => resolve(answer)))
    socket.on('data', (chunk) => (answer += chunk))
    socket.once('error', () => resolve(undefined))
  })
}

function removeStale(path) {
  if (path.startsWith('\0')) return
  try {
    unlinkSync(path)
  } catch {
    // the other one removed it first
  }
}
