import { Problem } from '@common-purse/contracts'
import { readSignature } from '@common-purse/kit/read-signature'
import { botKeyId } from '@common-purse/kit/signing-keys'
import { checkDigest, checkSignature, requiredComponents } from '@common-purse/kit/verify-signature'
import type { Request } from 'express'
import type { Config } from '../config.ts'

type Settings = Pick<
  Config,
  'BOT_CLIENT_SECRET' | 'SIGNATURE_AGE_CHANGES_SECONDS' | 'SIGNATURE_AHEAD_SECONDS'
>

/**
 * Checks the bot's own signature, over the request as the gateway passed it on. The gateway has checked it too and
 * remembered its nonce; this service does not take its word for it.
 */
export function createBotVerifier(config: Settings, now: () => Date): (req: Request, body: Buffer) => void {
  const key = Buffer.from(config.BOT_CLIENT_SECRET, 'base64url')
  return (req, body) => {
    const message = { method: req.method, target: req.originalUrl, header: (name: string) => req.get(name) }
    const signature = readSignature(message)
    if (signature.keyId !== botKeyId) throw new Problem('signature_invalid', 'Only the bot may call this')
    checkDigest(message, body)
    checkSignature(message, signature, { key, required: requiredComponents('bot', false), explain: false })
    const age = now().getTime() / 1000 - signature.created
    if (age > config.SIGNATURE_AGE_CHANGES_SECONDS || age < -config.SIGNATURE_AHEAD_SECONDS)
      throw new Problem('signature_expired', 'The signature is too old or from the future', {
        members: { server_time: now().toISOString() },
      })
  }
}
