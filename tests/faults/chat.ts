import { waitUntil } from '../../tools/launcher/wait-until.ts'

/** A message as the chat page shows it. */
export interface ChatMessage {
  id: number
  from: 'bot' | 'person'
  text: string
  buttons: { text: string; data?: string }[][]
}

/** A person of the emulator's chat page, as somebody at that page would act. */
export interface FaultChat {
  /** What the bot wrote, oldest first, as it reads now. */
  messages(): Promise<ChatMessage[]>
  write(text: string): Promise<void>
  /** Taps the first button of a message; nothing where it is gone. */
  tapFirst(message: ChatMessage): Promise<void>
  until(fits: (messages: ChatMessage[]) => boolean, withinMs: number): Promise<void>
}

export function chatOf(chatUrl: string, person: number, signal: AbortSignal): FaultChat {
  const post = (path: string, body: object) =>
    fetch(chatUrl + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ person, ...body }),
    })
  const messages = async () => {
    const answer = await fetch(`${chatUrl}api/messages?person=${person}`)
    return ((await answer.json()) as ChatMessage[]).filter(({ from }) => from === 'bot')
  }
  return {
    messages,
    write: async (text) => {
      const answer = await post('api/messages', { text })
      if (!answer.ok) throw new Error(`The chat page answered ${answer.status}`)
    },
    tapFirst: async ({ id, buttons }) =>
      void (await post('api/taps', { message_id: id, data: buttons[0]![0]!.data })),
    until: async (fits, withinMs) => {
      const seen = await waitUntil(async () => fits(await messages()), { withinMs, everyMs: 100, signal })
      if (!seen) throw new Error('The bot did not write what was waited for')
    },
  }
}
