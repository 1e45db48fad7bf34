import { execFile } from 'node:child_process'
import { join } from 'node:path'

/** What a command of the project printed, and how it ended. */
export interface ToolRun {
  code: number
  /** Both outputs, as a person sees them. */
  text: string
}

/** Runs `tools/NAME.ts` as `npm run` does, with `env` beside the test's own environment. */
export function runTool(name: string, args: string[], env: Record<string, string>): Promise<ToolRun> {
  const file = join(import.meta.dirname, '../../tools', `${name}.ts`)
  const options = { env: { ...process.env, ...env }, timeout: 60_000 }
  return new Promise((resolve) => {
    execFile(process.execPath, [file, ...args], options, (error, stdout, stderr) =>
      resolve({ code: typeof error?.code === 'number' ? error.code : error ? -1 : 0, text: stdout + stderr }),
    )
  })
}
