export interface AgeLimits {
  /** Seconds. */
  age: number
  ahead: number
}

/** Says what is wrong with the time of a signature, or nothing. Both times are whole seconds, the limits are still allowed. */
export function decideAge(created: number, now: number, { age, ahead }: AgeLimits): string | undefined {
  const late = now - created
  if (late > age)
    return `The signature is ${late} seconds old; ${age} are allowed. Compare your clock with server_time`
  if (-late > ahead)
    return `The signature is ${-late} seconds in the future; compare your clock with server_time`
  return undefined
}
