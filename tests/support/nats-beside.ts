import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createSecrets } from '../../tools/launcher/secrets.ts'
import { answers } from '../../tools/servers/probe.ts'
import { eventually } from './eventually.ts'
import { findServerProgram } from './find-server-program.ts'
import { freePort } from './service-process.ts'

/** A bus of a test's own, which can be killed, started again, and lose its disk. */
export interface NatsBeside {
  url: string
  /** Starts it and waits until it answers. `settings` are lines of its configuration beside those for JetStream. */
  start(settings?: { jetstream?: string; server?: string }): Promise<void>
  /** kill -9, and wait until it is gone. */
  kill(): Promise<void>
  /** Takes its disk away; only while it is not running. */
  loseDisk(): void
  /** Keeps a copy of its disk; only while it is not running. */
  backUpDisk(): void
  /** Puts the disk back to the copy; only while it is not running. */
  restoreDisk(): void
  stop(): Promise<void>
}

export async function openNatsBeside(): Promise<NatsBeside> {
  const { path, env } = await findServerProgram('nats')
  const home = mkdtempSync(join(tmpdir(), 'purse-nats-'))
  const port = await freePort()
  const password = createSecrets().natsPassword
  const url = `nats://purse:${password}@127.0.0.1:${port}`
  let child: ChildProcess | undefined

  const configure = (jetstream: string, server: string) =>
    writeFileSync(
      join(home, 'nats.conf'),
      `listen: "127.0.0.1:${port}"
authorization { user: "purse", password: "${password}" }
${server}
jetstream {
  store_dir: "${join(home, 'store')}"
  ${jetstream}
}
`,
      { mode: 0o600 },
    )
  const end = async (signal: NodeJS.Signals) => {
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    const gone = once(child, 'exit')
    child.kill(signal)
    await gone
  }
  const loseDisk = () => rmSync(join(home, 'store'), { recursive: true, force: true })
  process.once('exit', () => child?.kill('SIGKILL'))
  return {
    url,
    start: async ({ jetstream = '', server = '' } = {}) => {
      configure(jetstream, server)
      const isThere = async () => {
        // Another process may have borrowed the port for a moment; then it ends at once.
        if (!child || child.exitCode !== null || child.signalCode !== null)
          child = spawn(path, ['-c', join(home, 'nats.conf')], {
            env: { ...process.env, ...env },
            stdio: 'ignore',
          })
        return answers('nats', url)
      }
      await eventually(isThere, (there) => there, 30_000)
    },
    kill: () => end('SIGKILL'),
    loseDisk,
    backUpDisk: () => cpSync(join(home, 'store'), join(home, 'backup'), { recursive: true }),
    restoreDisk: () => {
      loseDisk()
      cpSync(join(home, 'backup'), join(home, 'store'), { recursive: true })
    },
    stop: async () => {
      await end('SIGKILL')
      rmSync(home, { recursive: true, force: true })
    },
  }
}
