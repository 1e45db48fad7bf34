// Talks to the emulator as one of its people: shows the chat, sends texts, taps buttons.

const $ = (id) => document.getElementById(id)
const peopleBar = $('people')
const list = $('messages')
const trouble = $('trouble')
const input = $('text')

let person
let shown = ''

const call = async (path, body) => {
  const answer = await fetch(
    path,
    body && { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) },
  )
  const value = await answer.json()
  if (!answer.ok) throw new Error(value.error)
  return value
}

const say = (text) => {
  trouble.textContent = text
  trouble.hidden = text === ''
}

const element = (name, properties, ...children) => {
  const node = Object.assign(document.createElement(name), properties)
  node.append(...children)
  return node
}

/** Text with its links made into links; never read as HTML. */
const withLinks = (text) =>
  text.split(/(https?:\/\/\S+)/).map((part) => (/^https?:\/\//.test(part) ? link(part, part) : part))

const link = (href, text, className = '') =>
  element('a', { href, textContent: text, className, target: '_blank', rel: 'noopener noreferrer' })

const toButton = (message, { text, url, data }) => {
  if (url) return link(/^https?:\/\//.test(url) ? url : 'about:blank', text, 'button')
  const button = element('button', { type: 'button', textContent: text })
  button.addEventListener('click', () => act('/api/taps', { message_id: message.id, data }))
  return button
}

const toItem = (message) => {
  const bubble = element('div', { className: 'bubble' }, ...withLinks(message.text))
  const rows = message.buttons
    .filter((row) => row.length > 0)
    .map((row) => element('div', { className: 'row' }, ...row.map((button) => toButton(message, button))))
  const time = new Date(message.at).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' })
  return element('li', { className: message.from }, bubble, ...rows, element('time', { textContent: time }))
}

const refresh = async () => {
  if (!person) return
  const asked = person
  const messages = await call(`/api/messages?person=${asked.id}`)
  const state = `${asked.id} ${JSON.stringify(messages)}`
  if (asked !== person || state === shown) return
  const newest = shown.split(' ')[0] !== String(asked.id) || atEnd()
  shown = state
  list.replaceChildren(...messages.map(toItem))
  if (newest) list.lastElementChild?.scrollIntoView({ block: 'end' })
}

const atEnd = () =>
  list.parentElement.scrollHeight - list.parentElement.scrollTop - list.parentElement.clientHeight < 80

const act = async (path, body) => {
  try {
    await call(path, { person: person.id, ...body })
    say('')
    await refresh()
  } catch (error) {
    say(error.message)
  }
}

const choose = (someone) => {
  person = someone
  for (const tab of peopleBar.children)
    tab.setAttribute('aria-selected', String(tab.dataset.id === String(someone.id)))
  list.replaceChildren()
  shown = ''
  input.focus()
  void refresh()
}

const watch = async () => {
  for (;;) {
    try {
      if (!document.hidden) await refresh()
      if (trouble.dataset.away) say('')
      delete trouble.dataset.away
    } catch {
      say('The emulator does not answer. Is `npm start` running?')
      trouble.dataset.away = 'yes'
    }
    await new Promise((resolve) => setTimeout(resolve, 600))
  }
}

$('write').addEventListener('submit', (event) => {
  event.preventDefault()
  const text = input.value
  if (text.trim() === '') return
  input.value = ''
  void act('/api/messages', { text })
})
$('hints').addEventListener('click', (event) => {
  const { text } = event.target.dataset
  if (text) void act('/api/messages', { text })
})

for (const someone of await call('/api/people')) {
  const tab = element('button', { type: 'button', textContent: someone.name })
  tab.setAttribute('role', 'tab')
  tab.dataset.id = String(someone.id)
  tab.addEventListener('click', () => choose(someone))
  peopleBar.append(tab)
  if (!person) choose(someone)
}
void watch()
