import { type BlockList, isIP, isIPv6 } from 'node:net'

/** `::ffff:192.0.2.1` is 192.0.2.1 seen through an IPv6 socket. */
export const plainAddress = (address: string): string =>
  address.toLowerCase().startsWith('::ffff:') && isIP(address.slice(7)) === 4 ? address.slice(7) : address

const isTrusted = (trusted: BlockList, address: string): boolean =>
  trusted.check(address, isIPv6(address) ? 'ipv6' : 'ipv4')

/** `192.0.2.1:80`, `[2001:db8::1]:80`, or the bare address. */
function readEntry(text: string): string | undefined {
  const entry = text.trim()
  const address = /^\[(.+)\](?::\d+)?$/.exec(entry)?.[1] ?? /^([\d.]+):\d+$/.exec(entry)?.[1] ?? entry
  return isIP(address) === 0 ? undefined : plainAddress(address)
}

/**
 * Whose address a request counts for: the peer's, or, where the peer is a trusted proxy, the right-most address in
 * `X-Forwarded-For` that is not one. What stands left of it was written by somebody we do not know.
 */
export function findClientAddress(
  peer: string,
  forwardedFor: string | undefined,
  trusted: BlockList,
): string {
  let address = plainAddress(peer)
  if (isIP(address) === 0) return address
  for (const text of (forwardedFor ?? '').split(',').toReversed()) {
    if (!isTrusted(trusted, address)) return address
    const next = readEntry(text)
    if (next === undefined) return address
    address = next
  }
  return address
}

/** What counters count an address by: one household has a whole IPv6 /64. */
export function addressKey(address: string): string {
  if (!isIPv6(address)) return address
  const [head = '', tail] = address.split('%')[0]!.split('::')
  const left = head === '' ? [] : head.split(':')
  const right = tail === undefined || tail === '' ? [] : tail.split(':')
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - left.length - right.length)
  const groups = [...left, ...Array<string>(zeros).fill('0'), ...right]
  return `${groups
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':')}::/64`
}
