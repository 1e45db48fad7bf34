/** Every error a client can see. The only place that pairs a code with a status. */
export const problems = {
  invalid_request: { status: 400, title: 'The request does not match the contract' },
  idempotency_key_missing: { status: 400, title: 'This call needs an Idempotency-Key header' },
  unauthenticated: { status: 401, title: 'Sign in first' },
  token_invalid: { status: 401, title: 'The access token is not valid' },
  token_expired: { status: 401, title: 'The access token has expired' },
  token_revoked: { status: 401, title: 'The session was ended' },
  credentials_invalid: { status: 401, title: 'The e-mail address or the password is wrong' },
  totp_required: { status: 401, title: 'A code of your authenticator is needed too' },
  refresh_token_invalid: { status: 401, title: 'The refresh token is not valid' },
  refresh_token_reused: { status: 401, title: 'The refresh token was used before; the session was ended' },
  signature_missing: { status: 401, title: 'This call must be signed' },
  signature_invalid: { status: 401, title: 'The signature does not match the request' },
  signature_expired: { status: 401, title: 'The signature is too old or from the future' },
  digest_mismatch: { status: 401, title: 'The body does not match its Content-Digest' },
  nonce_reused: { status: 401, title: 'This signature was used before' },
  permission_denied: { status: 403, title: 'Your role does not allow this' },
  self_approval: { status: 403, title: 'Somebody else has to approve this' },
  not_found: { status: 404, title: 'Not found' },
  method_not_allowed: { status: 405, title: 'This address does not know that method' },
  insufficient_funds: { status: 409, title: 'The account would be overdrawn' },
  already_resolved: { status: 409, title: 'The transaction does not wait for approval any more' },
  already_reversed: { status: 409, title: 'The transaction was reversed before' },
  not_reversible: { status: 409, title: 'The transaction cannot be reversed' },
  request_in_progress: { status: 409, title: 'The same request is still being worked on' },
  email_taken: { status: 409, title: 'The e-mail address is registered already' },
  telegram_taken: { status: 409, title: 'This Telegram account is linked to somebody else' },
  telegram_not_linked: { status: 409, title: 'This Telegram account is not linked yet' },
  totp_already_enabled: { status: 409, title: 'Two-step sign-in is on already' },
  already_member: { status: 409, title: 'Already a member of this family' },
  last_owner: { status: 409, title: 'A family keeps at least one owner' },
  account_closed: { status: 409, title: 'The account is closed' },
  limit_reached: { status: 409, title: 'The family has as many of these as it may' },
  code_expired: { status: 410, title: 'The code has expired or was used' },
  invitation_expired: { status: 410, title: 'The invitation has expired or was used' },
  body_too_large: { status: 413, title: 'The body is too large' },
  unsupported_media_type: { status: 415, title: 'Send JSON' },
  idempotency_key_reused: { status: 422, title: 'The Idempotency-Key was used for another request' },
  rate_limited: { status: 429, title: 'Too many requests' },
  internal: { status: 500, title: 'Something broke on our side' },
  upstream_unavailable: { status: 503, title: 'Try again in a moment' },
  replay_guard_unavailable: {
    status: 503,
    title: 'Changes cannot be checked right now; try again in a moment',
  },
} as const satisfies Record<string, { status: number; title: string }>
export type ProblemCode = keyof typeof problems

/** One wrong field: its path in dots (`shared_with.0`), and what was expected. */
export interface FieldError {
  field: string
  message: string
}

export interface ProblemExtras extends ErrorOptions {
  errors?: FieldError[]
  /** Seconds; sent as `Retry-After`. */
  retryAfter?: number
  /** Further members of the problem document, for instance `server_time`. */
  members?: Record<string, unknown>
}

/** An expected failure. `detail` is shown to the client; `cause` is only logged. */
export class Problem extends Error {
  readonly code: ProblemCode
  readonly extras: ProblemExtras
  constructor(code: ProblemCode, detail: string, extras: ProblemExtras = {}) {
    super(detail, extras)
    this.name = 'Problem'
    this.code = code
    this.extras = extras
  }
}
