import { ApiError } from '@common-purse/client'
import { TelegramError } from 'telegraf'

/** What a log may hold of an error: no address with a token in it, no message of a chat, no link code. */
export function safeError(error: unknown): Record<string, unknown> {
  if (error instanceof ApiError) {
    const { code, status, request_id } = error.problem
    return { name: error.name, problem: code, status, request_id }
  }
  if (error instanceof TelegramError)
    return { name: 'TelegramError', status: error.code, reason: error.description }
  if (!(error instanceof Error)) return { name: typeof error }
  const cause = error.cause instanceof Error ? safeError(error.cause) : undefined
  const { name, stack } = error
  const reason = (error as NodeJS.ErrnoException).code
  return {
    name,
    ...(reason ? { reason } : {}),
    at: stack?.split('\n    at ').slice(1, 4),
    ...(cause ? { cause } : {}),
  }
}
