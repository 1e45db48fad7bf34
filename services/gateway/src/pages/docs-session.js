import { signRequest } from '/docs/sign.js'

/** A token is renewed when it has no more than this left. */
const SOON_MS = 30_000

/** Codes after which only a renewal tells whether there still is a session. */
const DOUBTFUL = ['token_expired', 'token_revoked']

/**
 * The session of this page. It is in the page's memory alone: not in the address, not in any storage, and a reload forgets it.
 * `show` is told `{ who, notice }` whenever something changed.
 */
export function createSession(show) {
  let session // as the API answered it
  let endsAt = 0
  let clockBehind = 0
  let renewal

  function keep(body, date) {
    session = body
    endsAt = Date.now() + body.expires_in * 1000
    // A clock that is wrong would make every signature too old or too new.
    clockBehind = date ? Date.parse(date) - Date.now() : 0
    show({ who: session })
  }

  function forget(notice) {
    session = undefined
    show({ notice })
  }

  /** Opens a session; answers the refusal, if it was one. */
  async function signIn(credentials) {
    const answer = await post('/api/v1/auth/login', credentials)
    if (!answer.ok) return (forget(describeRefusal(answer)), answer)
    keep(answer.body, answer.date)
  }

  async function signOut() {
    const answer = await post('/api/v1/auth/logout', {}, (request) => sign(request))
    if (answer.ok || answer.status === 401) forget('Signed out.')
    else show({ who: session, notice: describeRefusal(answer) })
  }

  /** New values for the session, once at a time; without them it has ended, unless the server could not say. */
  function renew() {
    renewal ??= exchange().finally(() => (renewal = undefined))
    return renewal
  }

  async function exchange() {
    const answer = await post('/api/v1/auth/token/refresh', { refresh_token: session.refresh_token })
    if (answer.ok) keep(answer.body, answer.date)
    else if (answer.status === 401) forget('Your session has ended: sign in again.')
    else show({ who: session, notice: describeRefusal(answer) })
  }

  /** Gives a request what a client of this API sends: token, digest, signature, and a key that makes it repeatable. */
  async function sign(request) {
    if (session && Date.now() > endsAt - SOON_MS) await renew()
    const url = new URL(request.url, location.href)
    if (!session || url.origin !== location.origin) return request
    const headers = lowerCased(request.headers)
    headers['authorization'] = `Bearer ${session.access_token}`
    if (request.method.toUpperCase() !== 'GET') headers['idempotency-key'] ||= crypto.randomUUID()
    const { method, body = '' } = request
    const signed = await signRequest(
      { method, url, body, headers },
      session.signing_key,
      Date.now() + clockBehind,
    )
    request.headers = { ...headers, ...signed }
    return request
  }

  /** Looks at what was answered to a call of the page: sessions that begin, end or are in doubt, and limits. */
  async function watch(response) {
    const body = parse(response.text)
    if (body?.access_token && body.signing_key) keep(body, response.headers?.date)
    else if (session && (DOUBTFUL.includes(body?.code) || isLogout(response))) await renew()
    else if (response.status === 429)
      show({
        who: session,
        notice: describeRefusal({ status: 429, body, retryAfter: response.headers?.['retry-after'] }),
      })
    return response
  }

  return { signIn, signOut, sign, watch }
}

/** In the words of the problem document, with what to do. */
export function describeRefusal({ status, body, retryAfter }) {
  if (status === undefined) return 'The server does not answer. Is it still running?'
  const what = body?.detail || body?.title || 'an answer that this page does not understand'
  const wait = retryAfter ? ` Try again in ${retryAfter} seconds.` : ''
  return `${status}: ${what.replace(/\.?$/, '.')}${wait}`
}

const isLogout = ({ url, status }) =>
  status === 204 && new URL(url, location.href).pathname === '/api/v1/auth/logout'

async function post(path, data, prepare = (request) => request) {
  try {
    const headers = { 'content-type': 'application/json' }
    const request = await prepare({ url: path, method: 'POST', headers, body: JSON.stringify(data) })
    const answer = await fetch(path, request)
    return {
      ok: answer.ok,
      status: answer.status,
      body: parse(await answer.text()),
      date: answer.headers.get('date'),
      retryAfter: answer.headers.get('retry-after'),
    }
  } catch {
    return { ok: false }
  }
}

function parse(text) {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const lowerCased = (headers) =>
  Object.fromEntries(Object.entries(headers ?? {}).map(([name, value]) => [name.toLowerCase(), value]))
