import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'

const script = `
import { runService } from ${JSON.stringify(join(import.meta.dirname, 'run-service.ts'))}
const start = () => {
  console.log('starting')
  return new Promise(() => setInterval(() => undefined, 60_000))
}
await runService('slow', () => ({ LOG_LEVEL: 'info', DRAIN_SECONDS: 0 }), start)
`

test('a signal that comes while a service still starts ends it, with 0', async () => {
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [first] = (await once(child.stdout, 'data')) as [Buffer]
  expect(first.toString()).toBe('starting\n')
  child.kill('SIGTERM')
  expect(await once(child, 'exit')).toEqual([0, null])
})
