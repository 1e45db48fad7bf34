import type { EndReason } from './session-keeper.ts'

type Message = { kind: 'changed' } | { kind: 'ended'; sessionId: string; why: EndReason }

/** How the tabs of a browser show the same person: tokens stay out of it. */
export interface TabChannel {
  /** Somebody has signed in, or chosen another family. */
  tellChange(): void
  tellEnd(sessionId: string, why: EndReason): void
  listen(listener: { onChange(): void; onEnd(sessionId: string, why: EndReason): void }): void
}

/** Over a BroadcastChannel; it reaches pages of our own origin only, and not the one that speaks. */
export function createTabChannel(channel: BroadcastChannel): TabChannel {
  const send = (message: Message) => channel.postMessage(message)
  return {
    tellChange: () => send({ kind: 'changed' }),
    tellEnd: (sessionId, why) => send({ kind: 'ended', sessionId, why }),
    listen: (listener) =>
      channel.addEventListener('message', ({ data }: MessageEvent<Message>) => {
        if (data.kind === 'changed') listener.onChange()
        else listener.onEnd(data.sessionId, data.why)
      }),
  }
}
