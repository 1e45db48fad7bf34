import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'

/** The user that PostgreSQL runs as: nobody in particular, or another one where we are root, which it refuses. */
export interface RunAs {
  name: string
  uid: number
  gid: number
}

/** Where data goes that the other user cannot reach in the project's folder, /root for instance. */
const OUTSIDE = '/var/lib/common-purse'

/** Undefined when PostgreSQL can run as the user we are. */
export function findRunAs(): RunAs | undefined {
  if (process.getuid?.() !== 0) return undefined
  const users = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'))
  for (const wanted of ['postgres', 'nobody']) {
    const [name, , uid, gid] = users.find(([user]) => user === wanted) ?? []
    if (name !== undefined) return { name, uid: Number(uid), gid: Number(gid) }
  }
  throw new Error('PostgreSQL refuses to run as root, and there is neither a user postgres nor nobody')
}

/** Whether that user gets as far as this folder. */
function canReach(folder: string, user: RunAs): boolean {
  const { status } = spawnSync('ls', ['-d', `${folder}/.`], { uid: user.uid, gid: user.gid, cwd: '/' })
  return status === 0
}

/**
 * The folder itself, or one outside with that name where the user that PostgreSQL runs as cannot get at it.
 * `name` has to differ from one folder to the next.
 */
export function reachablePlace(folder: string, name: string, say: (text: string) => void): string {
  mkdirSync(folder, { recursive: true })
  const user = findRunAs()
  if (!user || canReach(folder, user)) return folder
  const outside = join(OUTSIDE, name)
  if (!existsSync(outside)) {
    say(`the user ${user.name} cannot reach ${folder}: what belongs to PostgreSQL goes to ${outside}`)
    mkdirSync(outside, { recursive: true })
    for (const made of [OUTSIDE, outside]) chmodSync(made, 0o755)
    writeFileSync(join(outside, 'belongs-to'), folder)
  }
  return outside
}

/** Where `reachablePlace` put it, without making anything. */
export function placeOf(folder: string, name: string): string {
  const outside = join(OUTSIDE, name)
  return process.getuid?.() === 0 && existsSync(outside) ? outside : folder
}

/** Removes what lies outside for this data folder: all of it, or all but what is in use now. */
export function removeOutside(dataDir: string, exceptId?: string): void {
  if (process.getuid?.() !== 0 || !existsSync(OUTSIDE)) return
  for (const id of readdirSync(OUTSIDE)) {
    const note = join(OUTSIDE, id, 'belongs-to')
    if (id !== exceptId && existsSync(note) && readFileSync(note, 'utf8') === dataDir) {
      rmSync(join(OUTSIDE, id), { recursive: true, force: true })
    }
  }
}

/** Gives a folder or file to that user. */
export function giveTo(path: string, user: RunAs | undefined): void {
  if (user) chownSync(path, user.uid, user.gid)
}
