import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { eventually } from '../../tests/support/eventually.ts'
import { supervise } from './supervise.ts'

test('a process that does not do its work any more is killed and started again', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'purse-supervise-'))
  const said: string[] = []
  const sick = new Set<number>()
  const pidNow = () => {
    try {
      return (JSON.parse(readFileSync(join(folder, 'idle.pid.json'), 'utf8')) as { pid: number }).pid
    } catch {
      return undefined
    }
  }
  const stop = new AbortController()
  const { stop: end } = await supervise(
    {
      name: 'idle',
      command: process.execPath,
      args: ['-e', 'setInterval(() => undefined, 1000)'],
      env: {},
      cwd: folder,
      logFile: join(folder, 'idle.log'),
      isReady: () => Promise.resolve(true),
      readyWithinMs: 10_000,
      watch: { isWell: () => Promise.resolve(!sick.has(pidNow()!)), everyMs: 10, patienceMs: 30 },
      stopSteps: [{ signal: 'SIGTERM', waitMs: 5_000 }],
    },
    { runDir: folder, say: (text) => void said.push(text), signal: stop.signal, hurry: stop.signal },
  )
  const first = pidNow()!
  sick.add(first)
  const second = await eventually(
    () => Promise.resolve(pidNow()),
    (pid) => pid !== undefined && pid !== first,
  )
  expect(second).not.toBe(first)
  expect(said).toContain('idle has not worked for 0.03 s: ending it')
  await end()
  rmSync(folder, { recursive: true })
})
