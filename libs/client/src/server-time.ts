/** What the server's clock says, as far as it is known. */
export interface ServerTime {
  /** Milliseconds; this machine's own time until a refusal told another one. */
  now(): number
  /**
   * Takes in an answer. For a refusal of the signature's time it answers after how many milliseconds the request, signed
   * again, may be taken; undefined for everything else.
   */
  learn(answer: { status: number; body: unknown }): number | undefined
}

/** Less is the way of an answer, and rounding: this machine's clock is right. */
const RIGHT_MS = 2_000
/** The server forgot which signatures were used, and takes none of that very second. */
const NEXT_SECOND_MS = 1_000

export function createServerTime(ownNow: () => number = Date.now): ServerTime {
  let ahead = 0
  const now = () => ownNow() + ahead
  return {
    now,
    learn: ({ status, body }) => {
      const told = status === 401 ? timeIn(body) : undefined
      if (told === undefined) return undefined
      const wrongBy = told - now()
      if (Math.abs(wrongBy) < RIGHT_MS) return NEXT_SECOND_MS
      ahead += wrongBy
      return 0
    },
  }
}

function timeIn(body: unknown): number | undefined {
  if (typeof body !== 'object' || body === null) return undefined
  const { code, server_time } = body as { code?: unknown; server_time?: unknown }
  const time = code === 'signature_expired' ? Date.parse(String(server_time)) : Number.NaN
  return Number.isNaN(time) ? undefined : time
}
