/** What Telegram is asked to tell the bot; everything else it keeps to itself. */
export const allowedUpdates = [
  'message',
  'edited_message',
  'callback_query',
] as const satisfies readonly string[]
