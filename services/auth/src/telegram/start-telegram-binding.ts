import { Problem } from '@common-purse/contracts'
import type { Handler } from '@common-purse/kit/service-app'
import type { Commit } from '../commit.ts'
import type { Config } from '../config.ts'
import { newBindingCode } from '../keys/one-time-secrets.ts'
import { findIdentity, insertBinding, toBinding } from './telegram-store.ts'

interface Deps {
  commit: Commit
  config: Pick<Config, 'PUBLIC_URL' | 'BIND_CODE_SECONDS'>
}

/**
 * Gives the bot a code for a Telegram account that is not linked. Nobody's family is known yet, so the event of this
 * waits: it is written, with this time, when somebody confirms.
 */
export const startTelegramBinding =
  ({ commit, config }: Deps): Handler<'startTelegramBinding'> =>
  async ({ body }) => {
    const code = newBindingCode()
    await commit(async (tx) => {
      if (await findIdentity(tx, body.telegram_id))
        throw new Problem('telegram_taken', 'This Telegram account is linked already')
      const now = tx.now()
      await insertBinding(
        tx,
        code,
        toBinding(body, now, new Date(now.getTime() + config.BIND_CODE_SECONDS * 1000)),
      )
    })
    return {
      body: { code, link: `${config.PUBLIC_URL}/link?code=${code}`, expires_in: config.BIND_CODE_SECONDS },
    }
  }
