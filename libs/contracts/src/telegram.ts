import * as z from 'zod'
import { line } from './text.ts'

/** Telegram's own number for a person or chat, as a decimal string: it outgrows JavaScript's safe integers. */
export const TelegramId = z
  .string()
  .regex(/^-?[1-9][0-9]{0,18}$/)
  .meta({ id: 'TelegramId', examples: ['111'] })

export const StartTelegramBinding = z
  .strictObject({
    telegram_id: TelegramId,
    chat_id: TelegramId,
    username: line(64).optional(),
    first_name: line(128).optional(),
    language: z
      .string()
      .regex(/^[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*$/)
      .max(35)
      .optional(),
  })
  .meta({
    id: 'StartTelegramBinding',
    examples: [{ telegram_id: '111', chat_id: '111', first_name: 'Ann', language: 'en' }],
  })
export type StartTelegramBinding = z.output<typeof StartTelegramBinding>

/** `link` opens the page where a signed-in person confirms; `expires_in` is seconds. */
export const TelegramBindingStarted = z
  .object({ code: z.string(), link: z.string(), expires_in: z.int() })
  .meta({ id: 'TelegramBindingStarted' })

export const BindingCode = z.string().regex(/^[\w-]{16,64}$/)

export const TelegramBinding = z
  .object({
    telegram_id: TelegramId,
    username: z.string().nullable(),
    first_name: z.string().nullable(),
    expires_at: z.string(),
  })
  .meta({ id: 'TelegramBinding' })

export const ConfirmTelegramBinding = z
  .strictObject({ code: BindingCode })
  .meta({ id: 'ConfirmTelegramBinding', examples: [{ code: 'code_from_the_link_of_the_bot' }] })

export const TelegramIdentity = z
  .object({ telegram_id: TelegramId, username: z.string().nullable(), bound_at: z.string() })
  .meta({ id: 'TelegramIdentity' })

export const AuthenticateTelegram = z
  .strictObject({ telegram_id: TelegramId })
  .meta({ id: 'AuthenticateTelegram', examples: [{ telegram_id: '111' }] })
