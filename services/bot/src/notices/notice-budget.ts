import type { Rate } from '@common-purse/kit/config'

const KEYS_MAX = 10_000

/** Whether a chat gets one more notice: it does, it has just had enough, or it had enough before. */
export type Allowance = 'yes' | 'enough' | 'more'

/**
 * So many notices for each chat in so many seconds. Who has much going on is told where to look instead, so that a family
 * in which a thousand things wait does not keep the others waiting for Telegram, which takes one message a second.
 */
export function createNoticeBudget({ count, seconds }: Rate, now: () => number = () => performance.now()) {
  const windows = new Map<string, { begunAt: number; told: number }>()
  return (chatId: string): Allowance => {
    const at = now()
    const isOver = ({ begunAt }: { begunAt: number }) => at - begunAt >= seconds * 1000
    if (windows.size >= KEYS_MAX)
      for (const [some, window] of windows) if (isOver(window)) windows.delete(some)
    const known = windows.get(chatId)
    const window = known && !isOver(known) ? known : { begunAt: at, told: 0 }
    windows.set(chatId, window)
    window.told += 1
    return window.told <= count ? 'yes' : window.told === count + 1 ? 'enough' : 'more'
  }
}
