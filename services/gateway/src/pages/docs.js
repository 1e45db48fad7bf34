/* global SwaggerUIBundle */
import { fitDocument } from '/docs/fit-document.js'
import { createSession, describeRefusal } from '/docs/session.js'

const find = (id) => document.getElementById(id)
const form = find('sign-in')

/** Shows who is signed in and what there is to say. */
function show({ who, notice = '' }) {
  form.hidden = who !== undefined
  find('signed-in').hidden = who === undefined
  find('session').classList.toggle('stays', who !== undefined)
  if (who)
    find('who').textContent =
      `Signed in as ${who.user.display_name}, ${who.family.role} of ${who.family.name}`
  find('notice').textContent = notice
}

const session = createSession(show)

form.addEventListener('submit', async (event) => {
  event.preventDefault()
  const { email, password, totp } = Object.fromEntries(new FormData(form))
  const button = form.querySelector('button')
  button.disabled = true
  const refusal = await session.signIn({ email, password, ...(totp ? { totp } : {}) })
  button.disabled = false
  if (refusal === undefined) form.reset()
  find('code').hidden = refusal?.body?.code !== 'totp_required' && totp === ''
  if (!find('code').hidden) find('code').querySelector('input').focus()
})
find('sign-out').addEventListener('click', () => session.signOut())

if (!globalThis.isSecureContext) {
  form.querySelector('button').disabled = true
  show({
    notice:
      'Browsers sign on https:// and on localhost only: open this page at such an address to try calls.',
  })
}

const answer = await fetch('/openapi.json')
if (answer.ok) {
  SwaggerUIBundle({
    spec: fitDocument(await answer.json()),
    dom_id: '#swagger-ui',
    deepLinking: true,
    validatorUrl: null,
    displayRequestDuration: true,
    // Each call shows the schemas it needs; the list of all of them makes every click slower.
    defaultModelsExpandDepth: -1,
    requestInterceptor: session.sign,
    responseInterceptor: session.watch,
  })
} else {
  show({
    notice: describeRefusal({ status: answer.status, body: await answer.json().catch(() => undefined) }),
  })
}
