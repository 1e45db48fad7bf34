import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createClient } from '../../libs/client/src/index.ts'
import type { Session } from '../../libs/contracts/src/index.ts'
import { type DemoFamily, readDemoFamily } from '../demo.ts'
import type { Call } from './read-call.ts'

interface Kept {
  session: Session
  /** Milliseconds since 1970. */
  expiresAt: number
}

const SPARE_MS = 30_000

/** A session for the person the call is made as: the one of an earlier call while it lives, else a new sign-in. */
export async function signIn(call: Call, env: NodeJS.ProcessEnv): Promise<Session> {
  const { email, password } = credentialsFor(call, env)
  const file = join(call.dataDir, 'call-sessions.json')
  const kept = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Record<string, Kept>) : {}
  const name = `${call.url} ${email}`
  const known = kept[name]
  if (known && known.expiresAt > Date.now() + SPARE_MS) return known.session
  const session = await createClient({ baseUrl: call.url }).call('login', { body: { email, password } })
  const all = { ...kept, [name]: { session, expiresAt: Date.now() + session.expires_in * 1000 } }
  writeFileSync(file, JSON.stringify(all), { mode: 0o600 })
  return session
}

function credentialsFor(call: Call, env: NodeJS.ProcessEnv): { email: string; password: string } {
  if (call.as.includes('@')) {
    const password = env['PURSE_PASSWORD']
    if (!password) throw new Error(`Give the password of ${call.as} in PURSE_PASSWORD.`)
    return { email: call.as, password }
  }
  const family = readDemoFamily(call.dataDir)
  if (!family)
    throw new Error('There is no demo family yet: run npm start first, or give --as you@example.org.')
  const person = family[call.as as keyof DemoFamily]
  if (!person)
    throw new Error(`The demo family has ${Object.keys(family).join(' and ')}, nobody called ${call.as}.`)
  return person
}
