import type { TokenKey } from '../launcher/token-keys.ts'

export interface Rotation {
  keys: TokenKey[]
  /** Kids of those that nobody can hold a living token of any more. */
  dropped: string[]
}

const MARGIN_SECONDS = 60
const startOf = ({ not_before }: TokenKey) => (not_before === undefined ? 0 : Date.parse(not_before))

/** The kid of a key that waits for its time, if there is one. */
export const waitingKey = (keys: readonly TokenKey[], now: Date): TokenKey | undefined =>
  keys.find((key) => startOf(key) > now.getTime())

/** Adds a key, and leaves out those whose successor has been signing for longer than a token lives. */
export function decideRotation(
  keys: readonly TokenKey[],
  added: TokenKey,
  { now, tokenSeconds }: { now: Date; tokenSeconds: number },
): Rotation {
  const over = now.getTime() - (tokenSeconds + MARGIN_SECONDS) * 1000
  const hasOldSuccessor = (key: TokenKey) =>
    keys.some((other) => startOf(other) > startOf(key) && startOf(other) <= over)
  const kept = keys.filter((key) => !hasOldSuccessor(key))
  return {
    keys: [added, ...kept],
    dropped: keys.filter((key) => !kept.includes(key)).map(({ kid }) => kid),
  }
}
