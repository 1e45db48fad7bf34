import { failure, reasonOf } from '../launcher/failure.ts'
import type { House } from '../launcher/house.ts'
import { waitUntil } from '../launcher/wait-until.ts'
import { probe } from './probe.ts'
import { type ServerKind, titles, urlVariables } from './sources.ts'
import type { ServerInUse } from './types.ts'

const PATIENCE_MS = 15_000

/** The server that the environment names. It was named on purpose, so nothing else is tried when it does not answer. */
export async function useNamedServer(kind: ServerKind, url: string, house: House): Promise<ServerInUse> {
  const variable = urlVariables[kind]
  if (!URL.canParse(url)) throw failure(`${variable} is not a URL. An example: ${examples[kind]}`)
  let version = ''
  let reason = ''
  const isThere = async () => {
    try {
      version = await probe(kind, url)
      return true
    } catch (error) {
      reason = reasonOf(error)
      return false
    }
  }
  // It may be starting at the same time, in a pipeline for instance.
  if (!(await waitUntil(isThere, { withinMs: PATIENCE_MS, everyMs: 500, signal: house.signal }))) {
    throw failure(
      `${titles[kind]} at ${withoutPassword(url)} (${variable}) cannot be used: ${reason}`,
      `Start it or correct ${variable}; without ${variable} a ${titles[kind]} is brought up for you.`,
    )
  }
  const label = `${titles[kind]} ${version} at ${withoutPassword(url)} (${variable})`
  return { kind, url, source: 'environment', label }
}

const examples: Record<ServerKind, string> = {
  postgres: 'postgresql://postgres:PASSWORD@127.0.0.1:5432/common_purse',
  redis: 'redis://:PASSWORD@127.0.0.1:6379',
  nats: 'nats://USER:PASSWORD@127.0.0.1:4222',
}

export function withoutPassword(url: string): string {
  const parsed = new URL(url)
  if (parsed.password) parsed.password = '***'
  return parsed.href
}
