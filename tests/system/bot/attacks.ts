import { createHmac, randomBytes, randomInt } from 'node:crypto'
import { serializeInnerList } from 'structured-headers'
import { contentDigest, signatureBase, signatureInput, signRequest } from '../../../libs/client/src/index.ts'
import type { ProblemCode, Session, SigningKey } from '../../../libs/contracts/src/index.ts'

export type Headers = Record<string, string>
export type Key = Pick<SigningKey, 'key_id' | 'secret'>
/** A POST of the bot. */
export interface Call {
  target: string
  body: string
}

export const targets = {
  start: '/api/v1/auth/telegram/bind/start',
  authenticate: '/api/v1/auth/telegram/authenticate',
}
export const newTelegramId = () => String(randomInt(1e9, 1e12))

export const signed = ({ target, body }: Call, key: Key, at?: number): Promise<Headers> =>
  signRequest({ method: 'POST', target, body }, key, at)

const profile = ['@method', '@path', '@query', 'content-digest']

/** A signature of the profile, made without the client's own signer; an undefined parameter is left out. */
export async function signedOver(
  { target, body }: Call,
  key: Key,
  { components = profile, ...change }: { components?: string[]; [parameter: string]: unknown } = {},
): Promise<Headers> {
  const parameters = {
    created: Math.floor(Date.now() / 1000),
    nonce: randomBytes(18).toString('base64url'),
    keyid: key.key_id,
    alg: 'hmac-sha256',
    ...change,
  }
  const headers: Headers = { 'content-digest': await contentDigest(body) }
  const given = Object.entries(parameters).filter(
    (entry): entry is [string, string | number] => entry[1] !== undefined,
  )
  const input = signatureInput(components, new Map(given))
  const base = signatureBase({ method: 'POST', target, header: (name) => headers[name] }, input)
  const value = createHmac('sha256', Buffer.from(key.secret, 'base64url')).update(base).digest('base64')
  return { ...headers, 'signature-input': `sig=${serializeInnerList(input)}`, signature: `sig=:${value}:` }
}

/** What an attacker may know: more than any of them does. */
export interface Known {
  made: Call
  bot: Key
  session: Session
}
/** What is sent in place of a good call, and where or what it is when that differs. */
type Attack = (known: Known) => Promise<{ headers: Headers; call?: Call }>

const bearer = (token: string): Headers => ({ authorization: `Bearer ${token}` })

async function without({ made, bot }: Known, name: string): Promise<{ headers: Headers }> {
  const headers = Object.entries(await signed(made, bot)).filter(([key]) => key !== name)
  return { headers: Object.fromEntries(headers) }
}
const by = async ({ made, bot }: Known, key: Partial<Key>) => ({
  headers: await signed(made, { ...bot, ...key }),
})
const at = async ({ made, bot }: Known, secondsFromNow: number) => ({
  headers: await signed(made, bot, Date.now() + secondsFromNow * 1000),
})
const over = async ({ made, bot }: Known, change: Parameters<typeof signedOver>[2]) => ({
  headers: await signedOver(made, bot, change),
})
const sentAs = async ({ made, bot }: Known, change: Partial<Call>) => ({
  headers: await signed(made, bot),
  call: { ...made, ...change },
})
/** The same about another account. */
const otherBody = ({ body }: Call) => body.replaceAll(/\d+/g, newTelegramId())
const otherTarget = ({ target }: Call) => (target === targets.start ? targets.authenticate : targets.start)

const missing: [string, Attack][] = [
  ['no signature', async () => ({ headers: {} })],
  ['a digest alone', async ({ made }) => ({ headers: { 'content-digest': await contentDigest(made.body) } })],
  ['no Signature', (known) => without(known, 'signature')],
  ['no Signature-Input', (known) => without(known, 'signature-input')],
  ['an access token in its place', async ({ session }) => ({ headers: bearer(session.access_token) })],
  ['the secret as a token', async ({ bot }) => ({ headers: bearer(bot.secret) })],
]

const invalid: [string, Attack][] = [
  ['the key of a session', (known) => by(known, known.session.signing_key)],
  [
    'the key of a session, and its token',
    async ({ made, session }) => ({
      headers: await signRequest(
        { method: 'POST', ...made, authorization: `Bearer ${session.access_token}` },
        session.signing_key,
      ),
    }),
  ],
  ['the secret of a session', (known) => by(known, { secret: known.session.signing_key.secret })],
  ['the key id of a session', (known) => by(known, { key_id: known.session.signing_key.key_id })],
  ['another version of the key', (known) => by(known, { key_id: 'bot.v2' })],
  ['another secret', (known) => by(known, { secret: randomBytes(32).toString('base64url') })],
  [
    'another body and its digest',
    async (known) => {
      const body = otherBody(known.made)
      const { headers, call } = await sentAs(known, { body })
      return { headers: { ...headers, 'content-digest': await contentDigest(body) }, call }
    },
  ],
  ['no digest', (known) => without(known, 'content-digest')],
  ['a query', (known) => sentAs(known, { target: `${known.made.target}?a=1` })],
  [
    'the signature of its other call',
    async ({ made, bot }) => ({ headers: await signed({ ...made, target: otherTarget(made) }, bot) }),
  ],
  [
    'the signature of another method',
    async ({ made, bot }) => ({ headers: await signRequest({ method: 'PUT', ...made }, bot) }),
  ],
  ['the body not covered', (known) => over(known, { components: ['@method', '@path', '@query'] })],
  ['the path not covered', (known) => over(known, { components: ['@method', '@query', 'content-digest'] })],
  ['nothing covered', (known) => over(known, { components: [] })],
  ['the path covered twice', (known) => over(known, { components: [...profile, '@path'] })],
  ['no time', (known) => over(known, { created: undefined })],
  ['no nonce', (known) => over(known, { nonce: undefined })],
  ['a short nonce', (known) => over(known, { nonce: 'abc' })],
  ['no key id', (known) => over(known, { keyid: undefined })],
  ['another algorithm', (known) => over(known, { alg: 'hmac-sha512' })],
  ['an expiry of its own', (known) => over(known, { expires: 4_000_000_000 })],
  [
    'a second signature',
    async ({ made, bot }) => {
      const one = await signed(made, bot)
      const both = {
        'signature-input': `${one['signature-input']}, b=()`,
        signature: `${one['signature']}, b=:AA==:`,
      }
      return { headers: { ...one, ...both } }
    },
  ],
]

const changed: [string, Attack][] = [
  ['another body', (known) => sentAs(known, { body: otherBody(known.made) })],
  ['a space behind the body', (known) => sentAs(known, { body: `${known.made.body} ` })],
  ['no body', (known) => sentAs(known, { body: '' })],
]

const untimely: [string, Attack][] = [
  ['more than a minute of age', (known) => at(known, -63)],
  ['a day of age', (known) => at(known, -86_400)],
  ['more than a minute to come', (known) => at(known, 63)],
]

const kinds: [ProblemCode, [string, Attack][]][] = [
  ['signature_missing', missing],
  ['signature_invalid', invalid],
  ['digest_mismatch', changed],
  ['signature_expired', untimely],
]

/** Every way of not being the bot: its name, the code it is answered with, and how to do it. */
export const attacks = kinds.flatMap(([code, some]) =>
  some.map(([name, attack]): [string, ProblemCode, Attack] => [name, code, attack]),
)
