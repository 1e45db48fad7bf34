import { closeSync, fstatSync, mkdirSync, openSync, readSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { tailOf } from './run-command.ts'

const TAIL_BYTES = 8_192

/** The log file of one process: emptied now, kept through its restarts. */
export function openLog(path: string) {
  mkdirSync(dirname(path), { recursive: true })
  closeSync(openSync(path, 'w'))
  const descriptor = openSync(path, 'a+')
  let open = true
  const write = (line: string) => void (open && writeSync(descriptor, `${line}\n`))
  return {
    descriptor,
    write,
    /** Copies each line to the file and hands it on. */
    follow(stream: Readable, onLine?: (line: string) => void) {
      stream.on('error', () => undefined)
      createInterface({ input: stream, crlfDelay: Infinity }).on('line', (line) => {
        write(line)
        onLine?.(line)
      })
    },
    tail(): string {
      const { size } = fstatSync(descriptor)
      const buffer = Buffer.alloc(Math.min(size, TAIL_BYTES))
      readSync(descriptor, buffer, 0, buffer.length, size - buffer.length)
      return tailOf(buffer.toString('utf8'))
    },
    close() {
      open = false
      closeSync(descriptor)
    },
  }
}
