import type { EndReason, Held } from './session-holder.ts'

/**
 * How the tabs of one session keep together: a duplicated tab has a copy of the refresh token, and a token that is used a
 * second time would end the session in all of them.
 */
export interface TabChannel {
  /** What another tab holds of this session, or undefined when none answers. */
  ask(sessionId: string): Promise<Held | undefined>
  tell(held: Held): void
  tellEnd(sessionId: string, why: EndReason): void
  listen(listener: TabListener): void
}

export interface TabListener {
  held(): Held | undefined
  onRenewed(held: Held): void
  onEnd(sessionId: string, why: EndReason): void
}

type Message =
  | { kind: 'ask'; sessionId: string }
  | { kind: 'held'; held: Held }
  | { kind: 'end'; sessionId: string; why: EndReason }

const ANSWER_MS = 80

/** Tabs of one browser, over a BroadcastChannel; it reaches pages of our own origin only. */
export function createTabChannel(channel: BroadcastChannel): TabChannel {
  const send = (message: Message) => channel.postMessage(message)

  const ask = (sessionId: string) =>
    new Promise<Held | undefined>((resolve) => {
      const finish = (held?: Held) => {
        clearTimeout(timer)
        channel.removeEventListener('message', hear)
        resolve(held)
      }
      const hear = ({ data }: MessageEvent<Message>) => {
        if (data.kind === 'held' && data.held.session.session_id === sessionId) finish(data.held)
      }
      const timer = setTimeout(finish, ANSWER_MS)
      channel.addEventListener('message', hear)
      send({ kind: 'ask', sessionId })
    })

  const listen = (listener: TabListener) =>
    channel.addEventListener('message', ({ data }: MessageEvent<Message>) => {
      if (data.kind === 'held') return listener.onRenewed(data.held)
      if (data.kind === 'end') return listener.onEnd(data.sessionId, data.why)
      const held = listener.held()
      if (held?.session.session_id === data.sessionId) send({ kind: 'held', held })
    })

  return {
    ask,
    listen,
    tell: (held) => send({ kind: 'held', held }),
    tellEnd: (sessionId, why) => send({ kind: 'end', sessionId, why }),
  }
}
