import { selectedProjects } from './projects.ts'

/** What only asks jest something, and runs no test. */
const QUESTIONS = ['--help', '-h', '--version', '-v', '--listTests', '--showConfig', '--clearCache']

/** Whether tests that need servers may run: all may, unless the arguments of jest choose the unit tests alone. */
export function needsServers(args: readonly string[]): boolean {
  if (args.some((arg) => QUESTIONS.includes(arg))) return false
  const chosen = selectedProjects(args)
  return chosen.length === 0 || chosen.some((name) => name !== 'unit')
}
