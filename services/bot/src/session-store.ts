import { ApiError } from '@common-purse/client'
import type { Role, Session } from '@common-purse/contracts'
import type { Api, Signed } from './api.ts'
import type { Memory } from './memory.ts'
import type { TokenBox } from './token-box.ts'

/** A person's session as the bot keeps it, sealed. Times are milliseconds. */
export interface BotSession extends Signed {
  accessExpiresAt: number
  refreshToken: string
  refreshExpiresAt: number
  userId: string
  displayName: string
  family: { id: string; name: string; role: Role }
}

export interface SessionStore {
  /** The person's session, fresh enough to be used; throws ApiError `telegram_not_linked` when there is nobody. */
  open(telegramId: string): Promise<BotSession>
  /** Forgets the tokens; the next `open` asks for new ones. */
  forget(telegramId: string): Promise<void>
  /** Runs work in the person's name, once more with a new session when the one that was kept is no longer good. */
  use<Result>(telegramId: string, work: (session: BotSession) => Promise<Result>): Promise<Result>
}

interface Deps {
  api: Api
  memory: Memory
  box: TokenBox
  /** Told of each session that is new or was refreshed. */
  onKept?: (telegramId: string, session: BotSession) => Promise<void>
  now?: () => number
}

/** Refreshed this long before the access token ends, so that none ends on its way. */
const EARLY_MS = 60_000

const keyOf = (telegramId: string) => `session:${telegramId}`

export function createSessionStore({ api, memory, box, onKept, now = Date.now }: Deps): SessionStore {
  const flights = new Map<string, Promise<BotSession>>()

  const load = async (telegramId: string): Promise<BotSession | undefined> => {
    const sealed = await memory.get(keyOf(telegramId))
    const text = sealed === undefined ? undefined : box.open(sealed, telegramId)
    return text === undefined ? undefined : (JSON.parse(text) as BotSession)
  }

  const keep = async (telegramId: string, answer: Session): Promise<BotSession> => {
    const session = toBotSession(answer, now())
    await memory.set(
      keyOf(telegramId),
      box.seal(JSON.stringify(session), telegramId),
      answer.refresh_expires_in,
    )
    await onKept?.(telegramId, session)
    return session
  }

  const authenticate = async (telegramId: string) =>
    keep(telegramId, await api.own('authenticateTelegram', { body: { telegram_id: telegramId } }))

  const refresh = async (telegramId: string, session: BotSession): Promise<BotSession> => {
    try {
      return await keep(
        telegramId,
        await api.own('refreshToken', { body: { refresh_token: session.refreshToken } }),
      )
    } catch (error) {
      if (error instanceof ApiError && error.problem.status === 401) return await authenticate(telegramId)
      if (session.accessExpiresAt > now()) return session // good for a little while still
      throw error
    }
  }

  const obtain = async (telegramId: string): Promise<BotSession> => {
    const session = await load(telegramId)
    if (!session || session.refreshExpiresAt <= now()) return await authenticate(telegramId)
    return session.accessExpiresAt - EARLY_MS > now() ? session : await refresh(telegramId, session)
  }

  /** Whoever asks while somebody's tokens are on their way waits for the same ones. */
  const open = (telegramId: string): Promise<BotSession> => {
    const flight = flights.get(telegramId) ?? obtain(telegramId).finally(() => flights.delete(telegramId))
    flights.set(telegramId, flight)
    return flight
  }

  const forget = (telegramId: string) => memory.delete(keyOf(telegramId))

  return {
    open,
    forget,
    use: async (telegramId, work) => {
      try {
        return await work(await open(telegramId))
      } catch (error) {
        if (!isLost(error)) throw error
        await forget(telegramId)
        return await work(await open(telegramId))
      }
    },
  }
}

const lostCodes = ['token_revoked', 'token_expired', 'token_invalid', 'signature_invalid']

/** The session that was kept is not accepted any more; another one may be. */
const isLost = (error: unknown): boolean =>
  error instanceof ApiError && lostCodes.includes(error.problem.code)

const toBotSession = (answer: Session, now: number): BotSession => ({
  accessToken: answer.access_token,
  accessExpiresAt: now + answer.expires_in * 1000,
  refreshToken: answer.refresh_token,
  refreshExpiresAt: now + answer.refresh_expires_in * 1000,
  signingKey: { key_id: answer.signing_key.key_id, secret: answer.signing_key.secret },
  userId: answer.user.id,
  displayName: answer.user.display_name,
  family: answer.family,
})
