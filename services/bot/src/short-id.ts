/** A UUID in 22 characters instead of 36: a button carries 64 bytes at most. */
export const shortId = (uuid: string): string =>
  Buffer.from(uuid.replaceAll('-', ''), 'hex').toString('base64url')

/** The UUID again, of 22 characters of base64url. */
export function longId(short: string): string {
  const hex = Buffer.from(short, 'base64url').toString('hex')
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}
