import { spawn } from 'node:child_process'

export interface CommandOptions {
  cwd?: string
  env?: NodeJS.ProcessEnv
  uid?: number
  gid?: number
  withinMs?: number
  signal?: AbortSignal
}

export interface Outcome {
  ok: boolean
  /** Standard output and standard error in the order they came. */
  output: string
  stdout: string
}

/** Runs a command to its end. A command that cannot be started, fails or takes too long is an answer, not an exception. */
export function runCommand(
  command: string,
  args: readonly string[],
  options: CommandOptions = {},
): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const { withinMs, signal, ...rest } = options
    if (signal?.aborted) return reject(signal.reason as Error)
    const limit = AbortSignal.any([
      ...(signal ? [signal] : []),
      ...(withinMs === undefined ? [] : [AbortSignal.timeout(withinMs)]),
    ])
    // A group of its own, so that Ctrl-C reaches it through us alone.
    const child = spawn(command, args, {
      ...rest,
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
      signal: limit,
    })
    let output = ''
    let stdout = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => ((stdout += text), (output += text)))
    child.stderr.setEncoding('utf8').on('data', (text: string) => (output += text))
    child.once('error', (error) => {
      if (signal?.aborted) return reject(signal.reason as Error)
      const text = limit.aborted ? `${command} took longer than ${(withinMs ?? 0) / 1000} s` : error.message
      resolve({ ok: false, output: `${output}${text}`, stdout })
    })
    child.once('close', (code) => resolve({ ok: code === 0, output, stdout }))
  })
}

/** The last lines that say something, for a message. */
export function tailOf(text: string, lines = 12): string {
  return text.trimEnd().split('\n').slice(-lines).join('\n')
}
