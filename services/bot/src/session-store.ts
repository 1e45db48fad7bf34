import { ApiError } from '@common-purse/client'
import type { Session } from '@common-purse/contracts'
import { type Api, wasNeverSent } from './api.ts'
import type { Memory } from './memory.ts'
import { type BotSession, createSessionVault, type SessionVault, toBotSession } from './session-vault.ts'
import type { TokenBox } from './token-box.ts'
import { withLock } from './with-lock.ts'

export type { BotSession } from './session-vault.ts'

export interface SessionStore {
  /** The person's session, fresh enough to be used; throws ApiError `telegram_not_linked` when there is nobody. */
  open(telegramId: string): Promise<BotSession>
  /** Forgets the tokens; the next `open` asks for new ones. */
  forget(telegramId: string): Promise<void>
  /** Goes on in another family of the person, and stays there; throws ApiError `not_found` when they are not in it. */
  enter(telegramId: string, familyId: string): Promise<BotSession>
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

/** The family that a person chose outlives the session in which they did. */
const familyKey = (telegramId: string) => `family:${telegramId}`
const FAMILY_SECONDS = 366 * 86_400

export function createSessionStore(deps: Deps): SessionStore {
  const { memory, box, now = Date.now } = deps
  const vault = createSessionVault(memory, box, now)
  const renewal = createRenewal(deps, vault)
  const flights = new Map<string, Promise<BotSession>>()
  const isFresh = ({ accessExpiresAt }: BotSession) => accessExpiresAt - EARLY_MS > now()

  const obtain = async (telegramId: string): Promise<BotSession> => {
    const kept = await vault.load(telegramId)
    if (kept && isFresh(kept)) return kept
    return await withLock(memory, `session:${telegramId}`, async () => {
      const session = await vault.load(telegramId) // another replica may have been quicker
      return session && isFresh(session) ? session : await renewal.renew(telegramId, session)
    })
  }

  /** Whoever asks while somebody's tokens are on their way waits for the same ones. */
  const open = (telegramId: string): Promise<BotSession> => {
    const flight = flights.get(telegramId) ?? obtain(telegramId).finally(() => flights.delete(telegramId))
    flights.set(telegramId, flight)
    return flight
  }

  /** Another one may be there already, made by who noticed first. */
  const forgetThis = async (telegramId: string, { accessToken }: BotSession) => {
    const kept = await vault.load(telegramId)
    if (kept?.accessToken === accessToken) await vault.delete(telegramId)
  }

  const use: SessionStore['use'] = async (telegramId, work) => {
    const session = await open(telegramId)
    try {
      return await work(session)
    } catch (error) {
      if (!isLost(error)) throw error
      await forgetThis(telegramId, session)
      return await work(await open(telegramId))
    }
  }

  return {
    open,
    use,
    forget: vault.delete,
    enter: (telegramId, familyId) =>
      withLock(memory, `session:${telegramId}`, async () => {
        const moved = await renewal.enter(telegramId, await vault.load(telegramId), familyId)
        await memory.set(familyKey(telegramId), familyId, FAMILY_SECONDS)
        return moved
      }),
  }
}

/** New tokens for a person, whose lock the caller holds. */
function createRenewal({ api, memory, onKept, now = Date.now }: Deps, vault: SessionVault) {
  const keep = async (telegramId: string, answer: Session): Promise<BotSession> => {
    const session = toBotSession(answer, now())
    await vault.keep(telegramId, session)
    await onKept?.(telegramId, session)
    return session
  }

  const authenticate = async (telegramId: string): Promise<BotSession> => {
    const answer = await api.own('authenticateTelegram', { body: { telegram_id: telegramId } })
    const session = await keep(telegramId, answer)
    const chosen = await memory.get(familyKey(telegramId))
    if (chosen === undefined || chosen === session.family.id) return session
    try {
      return await refresh(telegramId, session, chosen)
    } catch (error) {
      if (!(error instanceof ApiError) || error.problem.code !== 'not_found') throw error
      await memory.delete(familyKey(telegramId)) // they have left it
      return session
    }
  }

  /**
   * A token that was used up is never sent again, for that would end the session and look like theft. So it is noted
   * before it is sent, and whoever finds the note asks for a new session instead.
   */
  const refresh = async (telegramId: string, session: BotSession, familyId?: string): Promise<BotSession> => {
    await vault.keep(telegramId, { ...session, refreshing: true })
    const body = { refresh_token: session.refreshToken, ...(familyId && { family_id: familyId }) }
    try {
      return await keep(telegramId, await api.own('refreshToken', { body }))
    } catch (error) {
      if (isUnused(error)) await vault.keep(telegramId, session)
      throw error
    }
  }

  const canRefresh = (session: BotSession | undefined): session is BotSession =>
    session !== undefined && !session.refreshing

  return {
    renew: async (telegramId: string, session: BotSession | undefined): Promise<BotSession> => {
      try {
        return canRefresh(session) ? await refresh(telegramId, session) : await authenticate(telegramId)
      } catch (error) {
        if (canRefresh(session) && isOver(error)) return await authenticate(telegramId)
        if (session && isPassing(error) && session.accessExpiresAt > now()) return session // good for a little while still
        throw error
      }
    },
    /** A session that is no longer good is made anew, in the family that was asked for. */
    enter: async (telegramId: string, session: BotSession | undefined, familyId: string) => {
      const own = canRefresh(session) ? session : await authenticate(telegramId)
      if (own.family.id === familyId) return own
      try {
        return await refresh(telegramId, own, familyId)
      } catch (error) {
        if (!isOver(error)) throw error
        return await refresh(telegramId, await authenticate(telegramId), familyId)
      }
    },
  }
}

const statusOf = (error: unknown) => (error instanceof ApiError ? error.problem.status : undefined)

const isOver = (error: unknown): boolean => statusOf(error) === 401

/** It is refused for now, or nobody answers; who is not linked any more is refused for good. */
const isPassing = (error: unknown): boolean => {
  const status = statusOf(error)
  return status === undefined || status === 429 || status >= 500
}

/** The token was refused without being looked at, or has not left this machine. */
const isUnused = (error: unknown): boolean => {
  const status = statusOf(error)
  return status === undefined ? wasNeverSent(error) : status < 500 && status !== 401
}

const lostCodes = ['token_revoked', 'token_expired', 'token_invalid', 'signature_invalid']

/** The session that was kept is not accepted any more; another one may be. */
const isLost = (error: unknown): boolean =>
  error instanceof ApiError && lostCodes.includes(error.problem.code)
