import * as z from 'zod'

/** What every list takes; `cursor` is a `next_cursor` of the page before. */
export const pageQuery = {
  cursor: z
    .string()
    .min(1)
    .max(512)
    .regex(/^[\w-]+$/)
    .optional(),
  limit: z
    .string()
    .regex(/^[1-9][0-9]{0,2}$/, 'Expected a whole number from 1 to 100')
    .transform(Number)
    .refine((limit) => limit <= 100, 'Expected a whole number from 1 to 100')
    .optional(),
}
export const PageQuery = z.strictObject(pageQuery)

/** A page of a list; `next_cursor` is null at the end. */
export const pageOf = <Item extends z.ZodType>(item: Item, id: string) =>
  z.object({ items: z.array(item), next_cursor: z.string().nullable() }).meta({ id })
