import { join } from 'node:path'
import { findFreePort } from '../launcher/free-port.ts'
import type { House } from '../launcher/house.ts'
import { readState, rememberPort } from '../launcher/state.ts'
import { supervise } from '../launcher/supervise.ts'
import { natsRecipe } from './nats.ts'
import { postgresRecipe } from './postgres.ts'
import { redisRecipe } from './redis.ts'
import type { ServerKind } from './sources.ts'
import type { Program, RecipeFor } from './types.ts'

const recipes: Record<ServerKind, RecipeFor> = {
  postgres: postgresRecipe,
  redis: redisRecipe,
  nats: natsRecipe,
}

const READY_WITHIN_MS = 60_000

/** Runs a server as a process of our own, on the port it had last time where that is free. */
export async function runOwnServer(kind: ServerKind, program: Program, house: House): Promise<string> {
  const port = await findFreePort(readState(house.dataDir).ports[kind])
  const recipe = recipes[kind](program, port, house)
  await recipe.prepare()
  const spec = {
    ...recipe.process,
    name: kind,
    logFile: join(house.dataDir, 'logs', `${kind}.log`),
    readyWithinMs: READY_WITHIN_MS,
  }
  const { stop } = await supervise(spec, house)
  house.opened.push(stop)
  rememberPort(house.dataDir, kind, port)
  return recipe.url
}
