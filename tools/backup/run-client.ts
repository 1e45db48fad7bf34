import { spawn } from 'node:child_process'
import { createReadStream, createWriteStream } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import { failure } from '../launcher/failure.ts'
import { tailOf } from '../launcher/run-command.ts'
import type { ClientProgram } from './client-program.ts'

export interface Run {
  args: readonly string[]
  /** The password in it is passed on in the environment: arguments are seen by everybody on the machine. */
  url: string
  /** A file for its standard input or output. */
  from?: string
  to?: string
  signal: AbortSignal
}

/** Runs pg_dump or pg_restore; throws what it complained of when it failed. */
export async function runClient(
  { command, before, env }: ClientProgram,
  { args, url, from, to, signal }: Run,
): Promise<void> {
  const { address, password } = withoutPassword(url)
  const child = spawn(command, [...before, ...args, `--dbname=${address}`], {
    env: { PATH: process.env['PATH'], ...env, ...password, LC_ALL: 'C' },
    stdio: [from === undefined ? 'ignore' : 'pipe', to === undefined ? 'ignore' : 'pipe', 'pipe'],
    signal,
  })
  let complaints = ''
  child.stderr!.setEncoding('utf8').on('data', (text: string) => (complaints += text))
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', resolve)
  })
  const streams = [
    ...(from === undefined ? [] : [pipeline(createReadStream(from), child.stdin!)]),
    ...(to === undefined
      ? []
      : [pipeline(child.stdout!, createWriteStream(to, { flags: 'wx', mode: 0o600 }))]),
  ]
  // One that ends early breaks its pipe: what it says of it is the reason.
  const [code, ...moved] = await Promise.allSettled([ended, ...streams])
  signal.throwIfAborted()
  if (code.status === 'rejected')
    throw failure(`${command} could not be run: ${(code.reason as Error).message}`)
  if (code.value !== 0) throw failure(`${command} failed:`, tailOf(complaints))
  for (const stream of moved) if (stream.status === 'rejected') throw stream.reason as Error
}

function withoutPassword(url: string): { address: string; password: { PGPASSWORD?: string } } {
  const parsed = new URL(url)
  const password = decodeURIComponent(parsed.password)
  parsed.password = ''
  return { address: parsed.href, password: password === '' ? {} : { PGPASSWORD: password } }
}
