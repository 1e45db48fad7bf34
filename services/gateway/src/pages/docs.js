/* global SwaggerUIBundle */
import { signRequest } from '/docs/sign.js'

// Only in this page's memory: a reload forgets it.
let session

const lowerCased = (headers) =>
  Object.fromEntries(Object.entries(headers ?? {}).map(([name, value]) => [name.toLowerCase(), value]))

async function sendSigned(request) {
  const url = new URL(request.url, location.href)
  if (request.loadSpec || !session || url.origin !== location.origin) return request
  const headers = lowerCased(request.headers)
  headers['authorization'] ??= `Bearer ${session.access_token}`
  if (request.method.toUpperCase() !== 'GET') headers['idempotency-key'] ||= crypto.randomUUID()
  const signed = await signRequest(
    { method: request.method, url, body: request.body ?? '', headers },
    session.signing_key,
  )
  request.headers = { ...headers, ...signed }
  return request
}

function keepSession(response) {
  try {
    const body = JSON.parse(response.text)
    if (body.access_token && body.signing_key) {
      session = body
      const { user, family } = body
      document.querySelector('#session').textContent =
        `Signed in as ${user.display_name} (${family.role} of ${family.name}): each call carries the token and is signed.`
    }
  } catch {
    // an answer without JSON holds no session
  }
  return response
}

SwaggerUIBundle({
  url: '/openapi.json',
  dom_id: '#swagger-ui',
  deepLinking: true,
  validatorUrl: null,
  requestInterceptor: sendSigned,
  responseInterceptor: keepSession,
})
