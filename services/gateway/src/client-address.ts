import { type BlockList, isIP, isIPv6 } from 'node:net'

/** The eight groups of an IPv6 address; a zone such as `%eth0` says only by which way it came. */
function groupsOf(address: string): number[] {
  const [head = '', tail] = address.split('%', 1)[0]!.split('::')
  const left = readGroups(head)
  const right = readGroups(tail ?? '')
  const zeros = Array<number>(8 - left.length - right.length).fill(0)
  return [...left, ...zeros, ...right]
}

const readGroups = (text: string): number[] =>
  text === ''
    ? []
    : text.split(':').flatMap((group) => (group.includes('.') ? readDotted(group) : [parseInt(group, 16)]))

function readDotted(text: string): number[] {
  const [first, second, third, fourth] = text.split('.').map(Number) as [number, number, number, number]
  return [(first << 8) | second, (third << 8) | fourth]
}

/** `::ffff:192.0.2.1`, however it is written, is 192.0.2.1 seen through an IPv6 socket. An address loses its zone. */
export function plainAddress(address: string): string {
  if (!isIPv6(address)) return address
  const groups = groupsOf(address)
  const mapped = groups[5] === 0xffff && groups.slice(0, 5).every((group) => group === 0)
  if (!mapped) return address.split('%', 1)[0]!
  return groups
    .slice(6)
    .flatMap((group) => [group >> 8, group & 255])
    .join('.')
}

const isTrusted = (trusted: BlockList, address: string): boolean =>
  trusted.check(address, isIPv6(address) ? 'ipv6' : 'ipv4')

/** `192.0.2.1:80`, `[2001:db8::1]:80`, or the bare address. */
function readEntry(entry: string): string | undefined {
  const address = /^\[(.+)\](?::\d+)?$/.exec(entry)?.[1] ?? /^([\d.]+):\d+$/.exec(entry)?.[1] ?? entry
  return isIP(address) === 0 ? undefined : plainAddress(address)
}

/**
 * Whose address a request counts for: the peer's, or, where the peer is a trusted proxy, the right-most address in
 * `X-Forwarded-For` that is not one. What stands left of it was written by somebody we do not know, and so was what stands
 * left of something that is no address.
 */
export function findClientAddress(
  peer: string,
  forwardedFor: string | undefined,
  trusted: BlockList,
): string {
  let address = plainAddress(peer)
  if (forwardedFor === undefined || isIP(address) === 0) return address
  for (const text of forwardedFor.split(',').toReversed()) {
    if (!isTrusted(trusted, address)) return address
    const entry = text.trim()
    // Lists may hold empty items (RFC 9110, 5.6.1), which mean nothing.
    if (entry === '') continue
    const next = readEntry(entry)
    if (next === undefined) return address
    address = next
  }
  return address
}

/** What counters count an address by: one household has a whole IPv6 /64. */
export function addressKey(address: string): string {
  if (!isIPv6(address)) return address
  const network = groupsOf(address).slice(0, 4)
  return `${network.map((group) => group.toString(16)).join(':')}::/64`
}
