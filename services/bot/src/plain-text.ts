const controls = /[\p{Cc}\u2028\u2029]+/gu
/** They turn the direction of what follows, or hide within a number: with them a sum can read as another one. */
const invisible = /[\u061c\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/g
const rightToLeft = /[\p{Script=Arabic}\p{Script=Hebrew}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}]/u
const ISOLATE = '\u2068'
const END = '\u2069'

/** What a person wrote, on one line and without the characters that change how the rest is read. */
export const plainLine = (text: string): string =>
  text.toWellFormed().replaceAll(controls, ' ').replaceAll(invisible, '').trim()

/**
 * A name or description as it stands in a message of ours: at most `max` characters, and where it is written from right
 * to left, kept apart so that the numbers around it stay in their places.
 */
export function shown(text: string, max = 80): string {
  const characters = [...plainLine(text)]
  const short = characters.length <= max ? characters.join('') : `${characters.slice(0, max - 1).join('')}…`
  return rightToLeft.test(short) ? ISOLATE + short + END : short
}
