import { readdirSync, rmSync, statSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { AccessBatch } from '@common-purse/contracts'
import { isRunning } from './process-mark.ts'
import { OPEN_MARK } from './spool-records.ts'

/** What processes that are gone left in the folder. */
export interface LeftSpools {
  /** Sends everything, then removes it. A line may be sent again when this process ends in between. */
  publish(send: (lines: string[]) => Promise<void>): Promise<void>
  bytes(): number
  /** Records that could not be read: half written, or damaged. */
  unreadable(): number
}

interface Spool {
  paths: string[]
  bytes: number
}

const BATCH_MAX = 200
const Line = AccessBatch.shape.lines.element
const fileName = /^((left|\d+-\d+)-[0-9a-f]{8})-\d{6}\.lines$/

/** Looks once, at the start; a folder that is not there is an empty one. */
export function findLeftSpools(dir: string): LeftSpools {
  const spools = readSpools(dir)
  let unreadable = 0

  const publishOne = async (spool: Spool, send: (lines: string[]) => Promise<void>) => {
    const open = new Map<string, string>()
    const batch: string[] = []
    for (const path of spool.paths) {
      for await (const record of recordsOf(path)) {
        const isOpen = record.startsWith(OPEN_MARK)
        const line = isOpen ? record.slice(OPEN_MARK.length) : record
        const id = idOf(line)
        if (id === undefined) unreadable++
        else if (isOpen) open.set(id, line)
        else {
          open.delete(id)
          batch.push(line)
        }
        if (batch.length >= BATCH_MAX) await send(batch.splice(0))
      }
    }
    // Nobody saw these end: the process was killed while a service was working on them.
    batch.push(...open.values())
    while (batch.length > 0) await send(batch.splice(0, BATCH_MAX))
  }

  return {
    publish: async (send) => {
      for (const spool of spools) {
        await publishOne(spool, send)
        for (const path of spool.paths) rmSync(path, { force: true })
        spool.bytes = 0
      }
    },
    bytes: () => spools.reduce((sum, { bytes }) => sum + bytes, 0),
    unreadable: () => unreadable,
  }
}

/** The files by the process that wrote them, each process's in the order of writing. */
function readSpools(dir: string): Spool[] {
  const spools = new Map<string, Spool>()
  for (const name of namesIn(dir)) {
    const [, owner, mark] = fileName.exec(name) ?? []
    if (!owner || !mark || (mark !== 'left' && isRunning(mark))) continue
    const spool = spools.get(owner) ?? { paths: [], bytes: 0 }
    const path = join(dir, name)
    spool.paths.push(path)
    spool.bytes += statSync(path, { throwIfNoEntry: false })?.size ?? 0
    spools.set(owner, spool)
  }
  return [...spools.values()]
}

function namesIn(dir: string): string[] {
  try {
    return readdirSync(dir).toSorted()
  } catch {
    return []
  }
}

async function* recordsOf(path: string): AsyncGenerator<string> {
  const file = await open(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined // another process was quicker
    throw error
  })
  if (file) for await (const line of file.readLines()) if (line !== '') yield line
}

/** The id of a line that the audit service will understand. */
function idOf(text: string): string | undefined {
  try {
    return Line.parse(JSON.parse(text)).id
  } catch {
    return undefined
  }
}
