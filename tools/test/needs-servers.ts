/** What only asks jest something, and runs no test. */
const QUESTIONS = ['--help', '-h', '--version', '-v', '--listTests', '--showConfig', '--clearCache']

/** Whether tests that need servers may run: all may, unless the arguments of jest choose the unit tests alone. */
export function needsServers(args: readonly string[]): boolean {
  if (args.some((arg) => QUESTIONS.includes(arg))) return false
  const chosen = selectedProjects(args)
  return chosen.length === 0 || chosen.some((name) => name !== 'unit')
}

/** `--selectProjects a b` and `--selectProjects=a`: the names go on up to the next option. */
function selectedProjects(args: readonly string[]): string[] {
  const names: string[] = []
  let inside = false
  for (const arg of args) {
    const [option, value] = arg.split('=')
    if (arg.startsWith('-')) inside = option === '--selectProjects'
    if (inside && !arg.startsWith('-')) names.push(arg)
    else if (inside && value) names.push(value)
  }
  return names
}
