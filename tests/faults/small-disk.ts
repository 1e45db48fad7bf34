import { spawnSync } from 'node:child_process'
import { closeSync, mkdirSync, mkdtempSync, openSync, rmSync, statfsSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { House } from '../../tools/launcher/house.ts'
import { mountNameOf } from '../../tools/test/unmount-of.ts'

/** A file system of its own and of few megabytes, that can be filled. */
export interface SmallDisk {
  /** Leaves no room, and takes what becomes free, until `free`. */
  fill(): void
  free(): void
}

/** Mounting needs root, and in a container more than that. */
export function canMount(): boolean {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return false
  const folder = mkdtempSync(join(tmpdir(), 'purse-mount-'))
  try {
    const mounted = spawnSync('mount', ['-t', 'tmpfs', 'purse-mount', folder]).status === 0
    return mounted && spawnSync('umount', [folder]).status === 0
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

const AGAIN_MS = 50
const PIECE = Buffer.alloc(64 * 1024, 1)

/** Mounts one in place of the folder; it goes with the house's own folder. */
export function mountSmallDisk(
  folder: string,
  megabytes: number,
  { dataDir, opened }: Pick<House, 'dataDir' | 'opened'>,
): SmallDisk {
  mkdirSync(folder, { recursive: true })
  const options = ['-t', 'tmpfs', '-o', `size=${megabytes}m,mode=755`, mountNameOf(dataDir), folder]
  const { status, stderr } = spawnSync('mount', options)
  if (status !== 0) throw new Error(`mount ${options.join(' ')}: ${String(stderr)}`)
  const file = join(folder, 'nothing-but-room')
  let timer: NodeJS.Timeout | undefined
  const free = () => {
    clearInterval(timer)
    rmSync(file, { force: true })
  }
  opened.push(free)
  return {
    fill: () => {
      fillUp(folder, file)
      timer = setInterval(() => fillUp(folder, file), AGAIN_MS)
    },
    free,
  }
}

function fillUp(folder: string, file: string): void {
  if (statfsSync(folder).bfree === 0) return
  const fd = openSync(file, 'a', 0o600)
  try {
    while (writeSync(fd, PIECE) > 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error
  } finally {
    closeSync(fd)
  }
}
