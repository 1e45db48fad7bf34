import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { basename } from 'node:path'

/** The name under which a run mounts small disks, by which they are found again. */
export const mountNameOf = (dataDir: string): string => `purse-${basename(dataDir)}`

/** Takes away what a run mounted, also when it was killed; its folder could not be removed otherwise. */
export function unmountOf(dataDir: string): void {
  if (!existsSync('/proc/mounts')) return
  for (const line of readFileSync('/proc/mounts', 'utf8').split('\n')) {
    const [name, folder] = line.split(' ')
    if (name === mountNameOf(dataDir)) spawnSync('umount', ['--lazy', folder!])
  }
}
