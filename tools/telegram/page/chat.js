// Talks to the emulator as its people, side by side: shows their chats, sends texts, taps buttons.

const $ = (id) => document.getElementById(id)
const tabs = $('people')
const trouble = $('trouble')

const LOOK_MS = 500
const NOTICE_MS = 6_000
/** What a newcomer tries first. */
const examples = ['/start', '/balance', '12.50 coffee']

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

const link = (href, text, className = '') =>
  element('a', { href, textContent: text, className, target: '_blank', rel: 'noopener noreferrer' })

/** Text with its links made into links; never read as HTML. */
const withLinks = (text) =>
  text.split(/(https?:\/\/\S+)/).map((part) => (/^https?:\/\//.test(part) ? link(part, part) : part))

const toButton = ({ text, url, data }, tap) => {
  if (url) return link(/^https?:\/\//.test(url) ? url : 'about:blank', text, 'button')
  const button = element('button', { type: 'button', textContent: text })
  button.addEventListener('click', () => tap(data))
  return button
}

const toItem = (message, { isGroup, tap, reply }) => {
  const name = isGroup && message.from !== 'person' ? [element('b', { textContent: message.name })] : []
  const bubble = element('div', { className: 'bubble' }, ...name, ...withLinks(message.text))
  const rows = message.buttons
    .filter((row) => row.length > 0)
    .map((row) =>
      element(
        'div',
        { className: 'row' },
        ...row.map((button) => toButton(button, (data) => tap(message, data))),
      ),
    )
  const answer =
    message.from === 'bot' && (message.asksReply || isGroup)
      ? [toButton({ text: 'Reply' }, () => reply(message))]
      : []
  const time = new Date(message.at).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' })
  return element(
    'li',
    { className: message.from },
    bubble,
    ...rows,
    ...answer,
    element('time', { textContent: time }),
  )
}

/** One person's half of the page. */
const createPane = (person, { group, languages }) => {
  const pane = $('pane').content.firstElementChild.cloneNode(true)
  const at = (selector) => pane.querySelector(selector)
  const [list, scroll, input, select, kind] = ['.messages', '.scroll', 'input', 'select', '.kind'].map(at)
  let chat = 'private'
  let shown = ''
  let replyTo
  let noticedAt = performance.timeOrigin

  const act = async (path, body) => {
    try {
      await call(path, { person: person.id, chat, ...body })
      say('')
      await refresh()
    } catch (error) {
      say(error.message)
    }
  }
  const reply = (message) => {
    replyTo = message?.id
    at('.reply').hidden = message === undefined
    at('.reply span').textContent = message ? `Replying to: ${message.text.split('\n')[0]}` : ''
    if (message) input.focus()
  }
  const write = (text) => {
    const body = { text, ...(replyTo === undefined ? {} : { reply_to: replyTo }) }
    reply(undefined)
    return act('/api/messages', body)
  }
  const ways = {
    tap: (message, data) => act('/api/taps', { message_id: message.id, data }),
    reply,
    get isGroup() {
      return chat === 'group'
    },
  }
  const atEnd = () => scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight < 80

  const showMessages = (messages) => {
    const state = JSON.stringify([chat, messages])
    if (state === shown) return
    const stay = shown !== '' && !atEnd()
    const before = new Set(shown === '' ? [] : JSON.parse(shown)[1].map(({ id }) => id))
    shown = state
    list.replaceChildren(...messages.map((message) => toItem(message, ways)))
    const prompt = messages.findLast(({ from }) => from === 'bot')
    if (prompt?.asksReply && !before.has(prompt.id)) reply(prompt)
    if (!stay) scroll.scrollTop = scroll.scrollHeight
  }
  const showNotice = (notice) => {
    if (!notice || notice.at <= noticedAt) return
    noticedAt = notice.at
    at('.notice').textContent = notice.text
    at('.notice').hidden = false
    setTimeout(() => (at('.notice').hidden = true), NOTICE_MS)
  }
  const showHints = (commands) => {
    const hints = [...new Set([...examples, ...commands.map(({ command }) => `/${command}`)])]
    if (at('.hints').dataset.shown === hints.join()) return
    at('.hints').dataset.shown = hints.join()
    const titles = new Map(commands.map(({ command, description }) => [`/${command}`, description]))
    at('.hints').replaceChildren(
      ...hints.map((text) => {
        const hint = element('button', { type: 'button', textContent: text, title: titles.get(text) ?? '' })
        hint.addEventListener('click', () => write(text))
        return hint
      }),
    )
  }
  const refresh = async () => {
    const asked = chat
    const { messages, commands, notice, typing } = await call(`/api/chat?person=${person.id}&chat=${chat}`)
    if (asked !== chat) return
    showMessages(messages)
    showHints(commands)
    showNotice(notice)
    at('.typing').hidden = !typing
  }

  at('h2').textContent = person.name
  list.setAttribute('aria-label', `Messages of ${person.name}`)
  input.setAttribute('aria-label', `Message of ${person.name}`)
  kind.textContent = group
  kind.addEventListener('click', () => {
    chat = chat === 'private' ? 'group' : 'private'
    kind.setAttribute('aria-pressed', String(chat === 'group'))
    reply(undefined)
    shown = ''
    void refresh()
  })
  select.append(
    ...Object.entries(languages).map(([value, text]) => element('option', { value, textContent: text })),
  )
  select.value = person.language
  select.addEventListener('change', () => act('/api/languages', { language: select.value }))
  at('.reply button').addEventListener('click', () => reply(undefined))
  at('form').addEventListener('submit', (event) => {
    event.preventDefault()
    const text = input.value
    if (text.trim() === '') return
    input.value = ''
    void write(text)
  })
  return { person, pane, refresh, focus: () => input.focus() }
}

/** On a narrow screen one pane is shown at a time. */
const choose = (chosen, panes) => {
  for (const { person, pane } of panes) pane.classList.toggle('chosen', person === chosen.person)
  for (const tab of tabs.children)
    tab.setAttribute('aria-selected', String(tab.dataset.id === String(chosen.person.id)))
}

const watch = async (panes) => {
  for (;;) {
    try {
      if (!document.hidden) await Promise.all(panes.map(({ refresh }) => refresh()))
      if (trouble.dataset.away) say('')
      delete trouble.dataset.away
    } catch {
      say('The emulator does not answer. Is `npm start` running?')
      trouble.dataset.away = 'yes'
    }
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS))
  }
}

const setting = await call('/api/people')
const panes = setting.people.map((person) => createPane(person, setting))
for (const one of panes) {
  const tab = element('button', { type: 'button', textContent: one.person.name })
  tab.setAttribute('role', 'tab')
  tab.dataset.id = String(one.person.id)
  tab.addEventListener('click', () => {
    choose(one, panes)
    one.focus()
  })
  tabs.append(tab)
  $('panes').append(one.pane)
}
choose(panes[0], panes)
panes[0].focus()
void watch(panes)
