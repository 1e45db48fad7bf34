/** More different characters than a person types by hand, and fewer than 32 random bytes have by any chance that counts. */
const DIFFERENT_MIN = 13
const PASSWORD_MIN = 16
const placeholder = /(?:^|[-_])(?:change|example|secret|password|insecure|default|placeholder)/i

/** Whether a text in base64url can be random bytes: it does not repeat itself, count, or say what it stands for. */
export function isRandom(text: string): boolean {
  const different = new Set(text).size
  return different >= DIFFERENT_MIN && !repeats(text) && !counts(text) && !placeholder.test(text)
}

/** Whether the text is a URL whose password is short, or one that everybody tries first. */
export function isWeakPassword(text: string): boolean {
  if (!/^[a-z]+:\/\//.test(text) || !URL.canParse(text)) return false
  const { password } = new URL(text)
  if (password === '') return false
  return password.length < PASSWORD_MIN || repeats(password) || placeholder.test(password)
}

function repeats(text: string): boolean {
  for (let period = 1; period <= text.length / 2; period += 1)
    if (text.slice(period) === text.slice(0, -period)) return true
  return false
}

/** Bytes with one step from each to the next, such as 0, 1, 2 …: what documentation shows. */
function counts(text: string): boolean {
  const bytes = Buffer.from(text, 'base64url')
  const step = (index: number) => (bytes[index + 1]! - bytes[index]! + 256) % 256
  return bytes.every((_, index) => index + 1 >= bytes.length || step(index) === step(0))
}
