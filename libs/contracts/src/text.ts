import * as z from 'zod'

const controls = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/
/** They turn the direction of whatever is shown behind them: "50 to Ann" could be read as "05 to Ann". */
const overrides = /[\u202a-\u202e\u2066-\u2069]/
/** Something that leaves a mark: a name of spaces and invisible characters would be nobody's, or look like another one. */
const visible = /[^\p{Z}\p{Default_Ignorable_Code_Point}\u2800]/u

/** One line of text a person wrote: well-formed Unicode without control characters or changes of direction, not blank. */
export const line = (max: number) =>
  z
    .string()
    .min(1)
    .max(max)
    .refine((text) => text.isWellFormed() && !controls.test(text), 'Expected plain text on one line')
    .refine((text) => !overrides.test(text), 'Expected no characters that change the direction of the text')
    .refine((text) => visible.test(text), 'Expected more than spaces')

export const Uuid = z.uuid().transform((id) => id.toLowerCase())

const FIRST_INSTANT = Date.parse('1970-01-01T00:00:00Z')
const LAST_INSTANT = Date.parse('2200-01-01T00:00:00Z')

/** A moment with its offset from UTC, in the range that every store and language here can hold. */
export const Instant = z.iso
  .datetime({ offset: true, abort: true, error: 'Expected a time such as 2026-05-01T12:00:00Z' })
  .refine(
    (text) => Date.parse(text) >= FIRST_INSTANT && Date.parse(text) < LAST_INSTANT,
    'Expected a time from 1970 to 2199',
  )

/** For a query with both bounds: a period that ends before it begins is a mistake, not an empty answer. */
export function requireOrder(
  { from, to }: { from?: string | undefined; to?: string | undefined },
  context: z.RefinementCtx,
): void {
  if (from === undefined || to === undefined || Date.parse(from) < Date.parse(to)) return
  context.addIssue({ code: 'custom', path: ['to'], message: 'Expected a time after from' })
}
