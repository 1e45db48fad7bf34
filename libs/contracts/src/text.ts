import * as z from 'zod'

/** Anything but control characters; line breaks and tabs are allowed only in `note`. */
// eslint-disable-next-line no-control-regex -- refusing them is the point
const controls = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/

/** One line of text a person wrote: well-formed Unicode without control characters, not blank. */
export const line = (max: number) =>
  z
    .string()
    .min(1)
    .max(max)
    .refine((text) => text.isWellFormed() && !controls.test(text), 'Expected plain text on one line')
    .refine((text) => text.trim() !== '', 'Expected more than spaces')

export const Uuid = z.uuid().transform((id) => id.toLowerCase())
export const Instant = z.iso.datetime({ offset: true })
