import { permissionMatrix } from '@common-purse/contracts'
import type { Tx } from '@common-purse/kit/database'
import type { Handlers } from '@common-purse/kit/service-app'
import type { Commit, CommitOnce, FindEarlier } from './commit.ts'
import type { Config } from './config.ts'
import { acceptInvitation } from './families/accept-invitation.ts'
import { createFamily } from './families/create-family.ts'
import { createInvitation } from './families/create-invitation.ts'
import { getFamily } from './families/get-family.ts'
import { listFamilies } from './families/list-families.ts'
import { listInvitations } from './families/list-invitations.ts'
import { listMembers } from './families/list-members.ts'
import { removeMember } from './families/remove-member.ts'
import { revokeInvitation } from './families/revoke-invitation.ts'
import { updateFamily } from './families/update-family.ts'
import { updateMember } from './families/update-member.ts'
import type { PrismaClient } from './generated/client.ts'
import { getJwks } from './keys/get-jwks.ts'
import type { KeyRing } from './keys/key-ring.ts'
import { createTokenSigner } from './keys/sign-access-token.ts'
import { endOneSession } from './sessions/end-one-session.ts'
import { listSessions } from './sessions/list-sessions.ts'
import { login } from './sessions/login.ts'
import { logout } from './sessions/logout.ts'
import { refreshToken } from './sessions/refresh-token.ts'
import { createSessionAnswer } from './sessions/session-answer.ts'
import { createSessionStarter } from './sessions/start-session.ts'
import { authenticateTelegram } from './telegram/authenticate-telegram.ts'
import { confirmTelegramBinding } from './telegram/confirm-telegram-binding.ts'
import { getTelegramBinding } from './telegram/get-telegram-binding.ts'
import { startTelegramBinding } from './telegram/start-telegram-binding.ts'
import { unlinkTelegram } from './telegram/unlink-telegram.ts'
import { disableTotp } from './totp/disable-totp.ts'
import { enrollTotp } from './totp/enroll-totp.ts'
import { verifyTotp } from './totp/verify-totp.ts'
import { changePassword } from './users/change-password.ts'
import { getMe } from './users/get-me.ts'
import type { PasswordHasher } from './users/password-hasher.ts'
import { register } from './users/register.ts'
import { updateMe } from './users/update-me.ts'
import { createPasswordCheck } from './users/require-uncommon-password.ts'

interface Opened {
  config: Config
  /** Reads outside of a transaction. */
  db: Tx
  prisma: PrismaClient
  commit: Commit
  commitOnce: CommitOnce
  findEarlier: FindEarlier
  passwords: PasswordHasher
  keys: KeyRing
  /** The database's time. */
  now: () => Date
}

/** Every route of the service with the command that answers it. */
export function createHandlers(opened: Opened): Handlers<'auth'> {
  const { config, keys, now } = opened
  const answerSession = createSessionAnswer(config, { signAccessToken: createTokenSigner(keys, config), now })
  const deps = {
    ...opened,
    answerSession,
    startSession: createSessionStarter(config, answerSession),
    requireUncommonPassword: createPasswordCheck(),
  }
  return {
    register: register(deps),
    login: login(deps),
    refreshToken: refreshToken(deps),
    logout: logout(deps),
    listSessions: listSessions(deps),
    endSession: endOneSession(deps),
    changePassword: changePassword(deps),
    enrollTotp: enrollTotp(deps),
    verifyTotp: verifyTotp(deps),
    disableTotp: disableTotp(deps),
    getMe: getMe(deps),
    updateMe: updateMe(deps),
    startTelegramBinding: startTelegramBinding(deps),
    getTelegramBinding: getTelegramBinding(deps),
    confirmTelegramBinding: confirmTelegramBinding(deps),
    authenticateTelegram: authenticateTelegram(deps),
    unlinkTelegram: unlinkTelegram(deps),
    listFamilies: listFamilies(deps),
    createFamily: createFamily(deps),
    getFamily: getFamily(deps),
    updateFamily: updateFamily(deps),
    listMembers: listMembers(deps),
    updateMember: updateMember(deps),
    removeMember: removeMember(deps),
    createInvitation: createInvitation(deps),
    listInvitations: listInvitations(deps),
    revokeInvitation: revokeInvitation(deps),
    acceptInvitation: acceptInvitation(deps),
    getPermissions: () => ({ body: permissionMatrix() }),
    getJwks: getJwks(keys),
  }
}
