import * as z from 'zod'

export const Health = z
  .object({
    status: z.enum(['ok', 'degraded']),
    time: z.string(),
    services: z.record(z.string(), z.enum(['ok', 'unavailable'])),
  })
  .meta({ id: 'Health' })
export type Health = z.output<typeof Health>

/** RFC 9457. Signature refusals add `server_time`, and outside production `signature_base`. */
export const ProblemDocument = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    code: z.string(),
    request_id: z.string(),
    trace_id: z.string().optional(),
    errors: z.array(z.object({ field: z.string(), message: z.string() })),
    server_time: z.string().optional(),
    signature_base: z.string().optional(),
  })
  .meta({ id: 'Problem' })
export type ProblemDocument = z.output<typeof ProblemDocument>

export const Jwks = z.object({ keys: z.array(z.record(z.string(), z.unknown())) }).meta({ id: 'Jwks' })
