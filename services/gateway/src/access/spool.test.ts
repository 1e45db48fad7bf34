import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { findLeftSpools } from './left-spools.ts'
import { ownMark } from './process-mark.ts'
import { openSpool, type Spool, type SpoolOptions } from './spool.ts'

let dir: string
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'purse-spool-'))
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

const newSpool = (given: Partial<SpoolOptions> = {}): Spool =>
  openSpool({
    dir,
    bytesMax: 100e6,
    leftBytes: () => 0,
    onFailure: (error) => {
      throw error
    },
    ...given,
  })

const newLine = (status = 200) => {
  const id = randomUUID()
  const line = {
    id,
    at: new Date().toISOString(),
    method: 'POST',
    route: '/api/v1/transactions',
    status,
    code: null,
    duration_ms: 1.5,
    ip: '192.0.2.1',
    request_id: randomUUID(),
    user_id: null,
    family_id: null,
    client: null,
  }
  return [id, JSON.stringify(line)] as const
}

/** What the next process would send. */
async function leftLines(folder = dir): Promise<{ ids: string[]; statuses: number[]; unreadable: number }> {
  const left = findLeftSpools(folder)
  const lines: { id: string; status: number }[] = []
  await left.publish(async (texts) => void lines.push(...texts.map((text) => JSON.parse(text) as never)))
  return {
    ids: lines.map(({ id }) => id),
    statuses: lines.map(({ status }) => status),
    unreadable: left.unreadable(),
  }
}

test('gives lines again until they are taken, then keeps nothing of them', async () => {
  const spool = newSpool()
  const lines = [newLine(), newLine(), newLine()]
  for (const line of lines) expect(spool.write(...line)).toBe(true)
  expect((await spool.next(2))?.lines).toEqual([lines[0]![1], lines[1]![1]])
  const first = await spool.next(2)
  expect(first?.lines).toHaveLength(2)
  first!.take()
  const last = await spool.next(2)
  expect(last?.lines).toEqual([lines[2]![1]])
  expect(spool.waiting()).toBe(1)
  last!.take()
  expect([await spool.next(2), spool.waiting(), spool.bytes()]).toEqual([undefined, 0, 0])
  spool.close()
  expect(readdirSync(dir)).toEqual([])
})

test('what was not taken at a stop is what the next process sends', async () => {
  const spool = newSpool()
  const [taken, over, open] = [newLine(), newLine(201), newLine(499)]
  spool.write(...taken)
  ;(await spool.next(1))!.take()
  spool.open(open[0], open[1])
  spool.open(over[0], JSON.stringify({ ...(JSON.parse(over[1]) as object), status: 499 }))
  spool.write(...over)
  spool.close()
  expect(await leftLines()).toEqual({ ids: [over[0], open[0]], statuses: [201, 499], unreadable: 0 })
  expect(readdirSync(dir)).toEqual([])
})

test('files that are taken go, and a request that is open all the while is not lost with them', async () => {
  const spool = newSpool()
  const open = newLine(499)
  spool.open(...open)
  for (let n = 0; n < 30_000; n++) spool.write(...newLine())
  expect(readdirSync(dir).length).toBeGreaterThan(1)
  let count = 0
  for (let batch = await spool.next(500); batch; batch = await spool.next(500)) {
    count += batch.lines.length
    batch.take()
  }
  expect(count).toBe(30_000)
  const names = readdirSync(dir)
  expect(names).toHaveLength(1)
  expect(readFileSync(join(dir, names[0]!), 'utf8')).toContain(open[1])
  spool.write(...open)
  ;(await spool.next(1))!.take()
  expect(spool.bytes()).toBe(0)
  spool.close()
})

test('damaged records are passed over and counted, everything else is sent', async () => {
  const lines = [newLine(), newLine(), newLine()].map(([, text]) => text)
  const text = [lines[0], '{"id":1}', '\0'.repeat(100), lines[1], 'junk', lines[2], lines[0]!.slice(0, 50)]
  writeFileSync(join(dir, '999999999-1-0123abcd-000001.lines'), text.join('\n'))
  const { ids, unreadable } = await leftLines()
  expect(ids).toEqual(lines.map((line) => (JSON.parse(line) as { id: string }).id))
  expect(unreadable).toBe(4)
})

test('files of a process that runs, and strange ones, are left alone', async () => {
  const spool = newSpool()
  spool.write(...newLine())
  writeFileSync(join(dir, 'notes.txt'), 'mine')
  expect((await leftLines()).ids).toEqual([])
  expect(readdirSync(dir)).toHaveLength(2)
  // The same number, but a process that began at another time.
  const [pid] = ownMark().split('-')
  const [id, text] = newLine()
  writeFileSync(join(dir, `${pid}-1-0123abcd-000001.lines`), `${text}\n`)
  expect((await leftLines()).ids).toEqual(existsSync('/proc/self/stat') ? [id] : [])
  spool.close()
})

test('nothing is removed while it cannot be sent', async () => {
  const spool = newSpool()
  spool.write(...newLine())
  spool.close()
  const left = findLeftSpools(dir)
  await expect(left.publish(() => Promise.reject(new Error('away')))).rejects.toThrow('away')
  expect(left.bytes()).toBeGreaterThan(0)
  expect((await leftLines()).ids).toHaveLength(1)
})

test('a folder that cannot be is said once, and each line is given back to be kept', () => {
  const failures: Error[] = []
  const spool = newSpool({ dir: '/dev/full/access', onFailure: (error) => failures.push(error) })
  spool.open(...newLine(499))
  for (let n = 0; n < 10; n++) expect(spool.write(...newLine())).toBe(false)
  expect(failures).toHaveLength(1)
  expect(spool.waiting()).toBe(0)
  spool.close()
})

test('takes no more bytes than it may, those of others included', async () => {
  const spool = newSpool({ bytesMax: 10_000, leftBytes: () => 9_000, onFailure: () => undefined })
  const written = Array.from({ length: 10 }, () => spool.write(...newLine()))
  const count = written.indexOf(false)
  expect(count).toBeGreaterThan(0)
  expect(written.slice(count)).not.toContain(true)
  expect(spool.bytes()).toBeLessThanOrEqual(1_000)
  const batch = await spool.next(10)
  expect(batch?.lines).toHaveLength(count)
  batch!.take()
  expect(spool.bytes()).toBe(0)
  spool.close()
})

/** A process whose files may grow to a few kilobytes each writes until it fails, goes on when it can, and is killed. */
const child = `
  import { writeSync } from 'node:fs'
  const { module, dir, lines, last } = JSON.parse(process.argv[1])
  const { openSpool } = await import(module)
  const spool = openSpool({ dir, bytesMax: 1e9, leftBytes: () => 0, onFailure: () => undefined })
  const written = lines.filter(([id, text]) => spool.write(id, text)).map(([id]) => id)
  while (!spool.write(...last)) await new Promise((resolve) => setTimeout(resolve, 50))
  writeSync(1, JSON.stringify([...written, last[0]]))
  process.kill(process.pid, 'SIGKILL')`

test('a disk that is full in the middle of a record costs nothing that was said to be written', async () => {
  const lines = Array.from({ length: 100 }, () => newLine())
  const given = { module: new URL('spool.ts', import.meta.url).href, dir, lines, last: newLine() }
  const program = [process.execPath, '--input-type=module', '-e', child, JSON.stringify(given)]
  const running = spawn('sh', ['-c', 'ulimit -f 8; exec "$@"', 'sh', ...program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let output = ''
  running.stdout.on('data', (data: Buffer) => (output += data.toString()))
  const [, signal] = (await once(running, 'close')) as [number | null, string | null]
  expect(signal).toBe('SIGKILL')
  const written = JSON.parse(output) as string[]
  expect(written.length).toBeGreaterThan(5)
  expect(written.length).toBeLessThan(100)
  expect((await leftLines()).ids).toEqual(written)
})
