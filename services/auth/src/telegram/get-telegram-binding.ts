import { Problem } from '@common-purse/contracts'
import type { Handler } from '@common-purse/kit/service-app'
import type { PrismaClient } from '../generated/client.ts'
import { hashOf } from '../keys/one-time-secrets.ts'

/** The Telegram account that a person is about to link, so that they can see whose it is. */
export const getTelegramBinding =
  ({ prisma, now }: { prisma: PrismaClient; now: () => Date }): Handler<'getTelegramBinding'> =>
  async ({ params }) => {
    const binding = await prisma.telegramBinding.findUnique({
      where: { codeHash: new Uint8Array(hashOf(params.code)) },
    })
    if (!binding) throw new Problem('not_found', 'There is no such code')
    if (binding.usedAt !== null || binding.expiresAt <= now())
      throw new Problem('code_expired', 'The code has expired or was used; send /start to the bot again')
    return {
      body: {
        telegram_id: binding.telegramId,
        username: binding.username,
        first_name: binding.firstName,
        expires_at: binding.expiresAt.toISOString(),
      },
    }
  }
