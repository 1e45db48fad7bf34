import type { Role, Session } from '@common-purse/contracts'
import type { Signed } from './api.ts'
import type { Memory } from './memory.ts'
import type { TokenBox } from './token-box.ts'

/** A person's session as the bot keeps it, sealed. Times are milliseconds. */
export interface BotSession extends Signed {
  accessExpiresAt: number
  refreshToken: string
  refreshExpiresAt: number
  /** Its refresh token was sent and the answer is not here: nobody can know whether it is used up. */
  refreshing?: boolean
  userId: string
  displayName: string
  family: { id: string; name: string; role: Role }
}

/** Where sessions are kept, for as long as they can be refreshed. */
export interface SessionVault {
  load(telegramId: string): Promise<BotSession | undefined>
  keep(telegramId: string, session: BotSession): Promise<void>
  delete(telegramId: string): Promise<void>
}

const keyOf = (telegramId: string) => `session:${telegramId}`

/** A session that was sealed with an older key is sealed anew at its next refresh; one whose key is gone is not there. */
export function createSessionVault(memory: Memory, box: TokenBox, now: () => number): SessionVault {
  const keep = async (telegramId: string, session: BotSession) => {
    const seconds = Math.max(1, Math.ceil((session.refreshExpiresAt - now()) / 1000))
    await memory.set(keyOf(telegramId), box.seal(JSON.stringify(session), telegramId), seconds)
  }
  return {
    keep,
    load: async (telegramId) => {
      const sealed = await memory.get(keyOf(telegramId))
      const text = sealed === undefined ? undefined : box.open(sealed, telegramId)
      const session = text === undefined ? undefined : (JSON.parse(text) as BotSession)
      return session && session.refreshExpiresAt > now() ? session : undefined
    },
    delete: (telegramId) => memory.delete(keyOf(telegramId)),
  }
}

export const toBotSession = (answer: Session, now: number): BotSession => ({
  accessToken: answer.access_token,
  accessExpiresAt: now + answer.expires_in * 1000,
  refreshToken: answer.refresh_token,
  refreshExpiresAt: now + answer.refresh_expires_in * 1000,
  signingKey: { key_id: answer.signing_key.key_id, secret: answer.signing_key.secret },
  userId: answer.user.id,
  displayName: answer.user.display_name,
  family: answer.family,
})
