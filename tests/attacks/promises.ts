/** Where an attack is tried: a file, and a part of the names of its tests where not all of them are meant. */
export interface Place {
  file: string
  part?: string
}

export interface Attack {
  /** What is tried, as the promise names it. */
  words: string
  /** How it must be answered. */
  expected: string
  places: readonly Place[]
}

const at = (file: string, part?: string): Place => ({ file, ...(part === undefined ? {} : { part }) })
const system = (name: string, part?: string) => at(`tests/system/${name}.test.ts`, part)
const own = (name: string, part?: string) => at(`tests/attacks/${name}.test.ts`, part)
const gateway = (name: string, part?: string) => at(`services/gateway/test/${name}.test.ts`, part)
const auth = (name: string, part?: string) => at(`services/auth/test/${name}.test.ts`, part)
const ledger = (name: string, part?: string) => at(`services/ledger/test/${name}.test.ts`, part)
const bot = (name: string, part?: string) => at(`services/bot/test/${name}.test.ts`, part)

const tokens = (part: string) => system('token-attacks', part)
const INVALID = '401 token_invalid'
const SIGNATURE = '401 signature_invalid'
const REPLAY = '401 nonce_reused'
const BAD = '400 invalid_request'

/** Every attack that is promised to fail, word by word, with where that is shown. */
export const promises: Readonly<Record<string, readonly Attack[]>> = {
  Tokens: [
    {
      words: 'algorithms none',
      expected: INVALID,
      places: [tokens('no algorithm'), tokens('another way to write none')],
    },
    { words: 'algorithms swapped', expected: INVALID, places: [tokens('ES256'), tokens('RS256')] },
    { words: 'HS256 with the public key', expected: INVALID, places: [tokens('HS256')] },
    { words: '`kid` abuse', expected: INVALID, places: [tokens('key id')] },
    { words: 'embedded keys', expected: INVALID, places: [tokens('embedded')] },
    { words: 'expiry edges', expected: '401 token_expired or token_invalid', places: [tokens('expir')] },
    { words: 'wrong issuer', expected: INVALID, places: [tokens('issuer')] },
    { words: 'wrong audience', expected: INVALID, places: [tokens('audience')] },
    { words: 'wrong type', expected: INVALID, places: [tokens('the type of any JWT'), tokens('no type')] },
    { words: 'refresh token used as access', expected: INVALID, places: [tokens('a refresh token')] },
    { words: 'tampered claims', expected: INVALID, places: [tokens('written in')] },
    {
      words: 'other places and forms of a token',
      expected: `401 or ${BAD}`,
      places: [system('token-carriers')],
    },
    {
      words: 'logged-out users',
      expected: '401 token_revoked',
      places: [system('ended-tokens', 'by signing out'), system('revocation')],
    },
    {
      words: 'removed users',
      expected: '401 token_revoked',
      places: [system('ended-tokens', 'by a removal'), own('flows', 'somebody who was removed')],
    },
  ],
  Signatures: [
    {
      words: 'a changed byte',
      expected: '401 digest_mismatch or signature_invalid',
      places: [
        gateway('signatures', 'with other bytes'),
        gateway('signature-matches', 'no change to the headers'),
      ],
    },
    {
      words: 'swapped bodies',
      expected: '401 digest_mismatch',
      places: [gateway('signatures', 'with other bytes'), own('telegram', 'signed for one body or call')],
    },
    {
      words: 're-ordered or duplicated query',
      expected: `${SIGNATURE} or ${BAD}`,
      places: [gateway('signature-matches', 'path and query'), system('http/targets', 'one parameter twice')],
    },
    {
      words: 'other method or path',
      expected: SIGNATURE,
      places: [
        gateway('signature-matches', 'path and query'),
        gateway('signatures', 'signed by another method'),
      ],
    },
    {
      words: 'another session’s key',
      expected: SIGNATURE,
      places: [own('flows', 'a key that signs for no other session')],
    },
    { words: 'fewer components', expected: SIGNATURE, places: [gateway('signatures', 'covers less')] },
    {
      words: 'two signatures',
      expected: SIGNATURE,
      places: [gateway('signature-forms', 'labels and signatures')],
    },
    {
      words: 'stale or future `created`',
      expected: '401 signature_expired',
      places: [gateway('signatures', 'too old or from the future'), own('replay', 'ahead of time')],
    },
    { words: 'absent `created`', expected: SIGNATURE, places: [gateway('signature-forms', 'created')] },
    {
      words: 'a replay',
      expected: REPLAY,
      places: [
        gateway('replays', 'a replay is nonce_reused'),
        own('replay', 'a replay that is written otherwise'),
      ],
    },
    {
      words: 'a hundred parallel replays',
      expected: `one 201, 99 ${REPLAY}`,
      places: [own('replay', 'a hundred replays'), gateway('replays', 'a hundred')],
    },
    {
      words: 'a replay around the window’s end',
      expected: `${REPLAY}, then signature_expired`,
      places: [own('replay', 'around the end of the window')],
    },
    {
      words: 'a replay across a Redis restart',
      expected: '503 while away, then 401',
      places: [own('replay', 'across a Redis'), gateway('replays', 'emptied')],
    },
  ],
  HTTP: [
    { words: 'smuggling', expected: `${BAD}, and the connection closed`, places: [system('http/framing')] },
    {
      words: 'duplicate headers',
      expected: BAD,
      places: [system('http/headers', 'is there twice'), gateway('signature-matches', 'a header twice')],
    },
    { words: 'absolute form', expected: BAD, places: [system('http/targets', 'absolute form')] },
    {
      words: 'encoded dots and slashes',
      expected: BAD,
      places: [system('http/targets', 'encoded'), system('http/targets', 'dots')],
    },
    {
      words: 'forwarding-header spoofing',
      expected: 'no effect',
      places: [
        system('http/headers', 'who it is'),
        gateway('rate-limits', 'X-Forwarded-For'),
        own('guessing', 'an address written into the front'),
      ],
    },
    {
      words: 'hop-by-hop tricks',
      expected: 'no effect',
      places: [system('http/headers', 'for the next hop'), gateway('forwarding', 'Connection')],
    },
    { words: 'slow clients', expected: `closed, or ${BAD}`, places: [system('http/slow')] },
    { words: 'oversize', expected: '413 body_too_large', places: [system('http/bodies', 'too large')] },
    {
      words: 'compressed bodies',
      expected: '415 unsupported_media_type',
      places: [system('http/bodies', 'in another form')],
    },
    {
      words: 'deep JSON',
      expected: BAD,
      places: [own('values', 'nested deeply'), system('http/bodies', 'JSON that is none')],
    },
    {
      words: 'duplicate JSON keys',
      expected: BAD,
      places: [own('values', 'nested deeply'), system('http/bodies', 'JSON that is none')],
    },
  ],
  Values: [
    {
      words: 'every way of writing an amount wrong',
      expected: BAD,
      places: [own('values', 'an amount written wrong')],
    },
    {
      words: 'currencies',
      expected: BAD,
      places: [own('values', 'a currency that is none'), ledger('fields', 'a currency that is not one')],
    },
    {
      words: 'dates',
      expected: BAD,
      places: [own('values', 'a time that is none'), ledger('fields', 'a time that is not one')],
    },
    {
      words: 'text with NUL and lone surrogates',
      expected: BAD,
      places: [own('values', 'a text that is none'), ledger('fields', 'a text that is not one')],
    },
    {
      words: 'text that turns its surroundings',
      expected: BAD,
      places: [own('values', 'a text that is none')],
    },
    {
      words: 'prototype keys',
      expected: BAD,
      places: [own('properties'), system('every-route', 'refuses the body')],
    },
    {
      words: 'unknown and protected properties',
      expected: BAD,
      places: [own('properties'), ledger('fields', 'not the client’s to send')],
    },
    {
      words: 'cursors',
      expected: BAD,
      places: [own('properties', 'limits and cursors'), own('foreign', 'a cursor of another family')],
    },
    { words: 'limits', expected: BAD, places: [own('properties', 'limits and cursors')] },
    { words: 'whatever the document calls wrong', expected: BAD, places: [system('invalid-requests')] },
  ],
  Authorization: [
    {
      words: 'every endpoint × five roles in one’s own family',
      expected: '403 permission_denied or 404 not_found',
      places: [system('permissions/permissions'), system('every-route')],
    },
    {
      words: 'every endpoint × five roles in a foreign family',
      expected: '404 not_found',
      places: [system('every-route', 'finds nothing of another family'), own('foreign')],
    },
    {
      words: 'a person in two families',
      expected: '404 not_found',
      places: [own('flows', 'a person in two families')],
    },
  ],
  Flows: [
    {
      words: 'double approval',
      expected: 'one 200, else 409 already_resolved',
      places: [own('flows', 'is approved once'), ledger('races', 'resolved once')],
    },
    {
      words: 'approval by the author',
      expected: '403 self_approval',
      places: [own('flows', 'by its author'), own('flows', 'by who made it')],
    },
    {
      words: 'double reversal',
      expected: 'one 201, else 409 already_reversed',
      places: [own('flows', 'is reversed once'), ledger('races', 'reverse against reverse')],
    },
    {
      words: 'refresh reuse',
      expected: '401 refresh_token_reused',
      places: [own('flows', 'a stolen old token'), auth('sessions', 'comes back later')],
    },
    {
      words: 'parallel refresh',
      expected: 'one successor',
      places: [own('flows', 'refreshed by thirty'), auth('sessions', 'twenty at once')],
    },
    {
      words: 'guessing of passwords',
      expected: '401 credentials_invalid, then 429 rate_limited',
      places: [own('guessing', 'a password'), auth('login', 'guessing')],
    },
    {
      words: 'guessing of codes',
      expected: '401 or 404, then 429 rate_limited',
      places: [
        own('guessing', 'a second step'),
        own('guessing', 'codes for Telegram'),
        auth('totp-sign-in', 'thirty wrong codes'),
      ],
    },
    {
      words: 'user enumeration by text',
      expected: 'the same answer',
      places: [own('guessing', 'whether somebody has an account'), auth('login', 'the very same answer')],
    },
    { words: 'user enumeration by time', expected: 'the same median', places: [own('timing')] },
    {
      words: 'Telegram identities forged',
      expected: `${SIGNATURE}, ${BAD} or 409`,
      places: [own('telegram', 'an identity'), system('bot/bot-signature')],
    },
    {
      words: 'Telegram identities reused',
      expected: '410 code_expired or 409 telegram_taken',
      places: [own('telegram', 'a code'), auth('telegram', 'one user has one Telegram account')],
    },
    {
      words: 'the webhook without the secret',
      expected: '401 and nothing read',
      places: [bot('webhook', 'is shut')],
    },
    {
      words: 'forged buttons of the bot',
      expected: 'nothing moves',
      places: [bot('conversation', 'nobody else can confirm a card')],
    },
    {
      words: 'pages of other origins',
      expected: 'nothing to read, no header that allows it',
      places: [own('browser')],
    },
  ],
  Always: [
    { words: 'never a 5xx', expected: 'below 500', places: [own('hostile'), own('foreign')] },
    {
      words: 'never another family’s data',
      expected: 'no word of it',
      places: [own('hostile'), own('foreign', 'reads nothing'), ledger('unseen-accounts')],
    },
    {
      words: 'never an internal word in an answer',
      expected: 'none',
      places: [own('hostile'), own('browser', 'the inside')],
    },
  ],
}

export const attacks: readonly Attack[] = Object.values(promises).flat()
/** The files in which they are tried, each once. */
export const files: readonly string[] = [
  ...new Set(attacks.flatMap(({ places }) => places.map(({ file }) => file))),
]
