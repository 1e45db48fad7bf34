/** Projects of jest that `npm test` does without, for they want other programs or more time: they run when they are named. */
const ON_REQUEST = ['browser', 'examples', 'attacks']

/** `--selectProjects a b` and `--selectProjects=a`: the names go on up to the next option. */
export function selectedProjects(args: readonly string[]): string[] {
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

/** The arguments for jest: where no project is named, all but those that run on request. */
export const withUsualProjects = (args: readonly string[]): string[] =>
  selectedProjects(args).length > 0 ? [...args] : [...args, '--ignoreProjects', ...ON_REQUEST]
