// Signs a request in the browser by the profile of docs/SIGNING.md, with nothing but WebCrypto.

const utf8 = new TextEncoder()
const toBase64 = (bytes) => btoa(String.fromCharCode(...new Uint8Array(bytes)))
const toBase64Url = (bytes) => toBase64(bytes).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')
const fromBase64Url = (text) =>
  Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (c) => c.charCodeAt(0))

/**
 * The headers that sign a request. `key` is a session's `signing_key`; `headers` holds `authorization` and, where there is
 * one, `idempotency-key`, by lower-case names.
 */
export async function signRequest({ method, url, body = '', headers }, key, now = Date.now()) {
  const digest = await crypto.subtle.digest('SHA-256', utf8.encode(body))
  const values = {
    '@method': method.toUpperCase(),
    '@path': url.pathname,
    '@query': url.search === '' ? '?' : url.search,
    'content-digest': `sha-256=:${toBase64(digest)}:`,
    authorization: headers['authorization'],
    ...(headers['idempotency-key'] ? { 'idempotency-key': headers['idempotency-key'] } : {}),
  }
  const names = Object.keys(values).map((name) => `"${name}"`)
  const nonce = toBase64Url(crypto.getRandomValues(new Uint8Array(18)))
  const parameters = `(${names.join(' ')});created=${Math.floor(now / 1000)};nonce="${nonce}";keyid="${key.key_id}";alg="hmac-sha256"`
  const lines = Object.entries(values).map(([name, value]) => `"${name}": ${value}`)
  const base = [...lines, `"@signature-params": ${parameters}`].join('\n')
  const hmac = await crypto.subtle.importKey(
    'raw',
    fromBase64Url(key.secret),
    { name: 'HMAC', hash: 'SHA-256' },
    false,
    ['sign'],
  )
  const signature = await crypto.subtle.sign('HMAC', hmac, utf8.encode(base))
  return {
    'content-digest': values['content-digest'],
    'signature-input': `sig=${parameters}`,
    signature: `sig=:${toBase64(signature)}:`,
  }
}
