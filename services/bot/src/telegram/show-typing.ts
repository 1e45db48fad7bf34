import type { Context, Middleware } from 'telegraf'

const AFTER_MS = 1_000
/** Telegram shows it for five seconds. */
const AGAIN_MS = 4_500

/** Shows that the bot is at it when an answer takes a while; a comfort that not every server knows. */
export const showTyping: Middleware<Context> = async (ctx, next) => {
  const show = () => void ctx.sendChatAction('typing').catch(() => undefined)
  let timer = setTimeout(() => {
    show()
    timer = setInterval(show, AGAIN_MS)
  }, AFTER_MS)
  try {
    await next()
  } finally {
    clearTimeout(timer)
  }
}
