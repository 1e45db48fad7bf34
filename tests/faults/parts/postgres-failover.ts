import { sendSignal } from '../../../tools/launcher/process-identity.ts'
import { waitUntil } from '../../../tools/launcher/wait-until.ts'
import { answers } from '../../../tools/servers/probe.ts'
import { pidOf } from '../house.ts'
import type { PartOptions } from '../options.ts'
import { ask, type PostgresPair, startPostgresPair } from '../postgres-pair.ts'
import { type Scene, underLoad } from '../scene.ts'

/** Until the services work with the new primary: longer where they have to find out by themselves that nobody answers. */
const limits = { full: { breaksMs: 10_000, hangsMs: 30_000 }, short: { breaksMs: 60_000, hangsMs: 90_000 } }

/**
 * The primary is lost under load and its standby takes its place, twice: once with connections that break, and once as
 * a machine without power, whose connections hang for ever. Nobody restarts a service, and nothing that was answered is lost.
 */
export async function postgresFailover(options: PartOptions): Promise<string[]> {
  let pair: PostgresPair | undefined
  const startPostgres = async (...[house]: Parameters<typeof startPostgresPair>) =>
    (pair = await startPostgresPair(house)).url
  return await underLoad(options, { name: 'postgres-failover', startPostgres }, async (scene) => {
    const wrong: string[] = []
    await scene.goOn(0.5, 0.15)
    wrong.push(...(await failOver(scene, pair!, 'breaks')))
    await pair!.rebuild()
    scene.say('the old primary was copied anew and follows the new one')
    await scene.goOn(0.9, 0.6)
    wrong.push(...(await failOver(scene, pair!, 'hangs')))
    return wrong
  })
}

async function failOver(scene: Scene, pair: PostgresPair, how: 'breaks' | 'hangs'): Promise<string[]> {
  const { house, outages, load, short, say } = scene
  const old = pair.primary()
  await scene.remember()
  return await outages.during('postgres', async () => {
    const at = load.begun()
    const pid = pidOf(house.launcher, old.name)!
    if (how === 'hangs') pair.proxy.freeze()
    sendSignal(pid, 'SIGKILL')
    if (how === 'breaks') pair.proxy.cut() // nobody gets to the old one again when it is back
    const port = await pair.promote()
    pair.proxy.pointTo([port])
    pair.proxy.mend()
    const startedAt = Date.now()
    await outages.untilWorks('postgres')
    const tookMs = Date.now() - startedAt
    say(
      `at transfer ${at}: killed ${old.name} (${how}); its standby works ${(tookMs / 1000).toFixed(1)} s after`,
    )
    const limitMs = (short ? limits.short : limits.full)[`${how}Ms`]
    return [
      ...(tookMs <= limitMs ? [] : [`The new primary was used after ${tookMs} ms; ${limitMs} are allowed`]),
      ...(await acknowledgesAlone(scene, old)),
    ]
  })
}

const ALONE_MS = 3_000

/** The launcher has started the old one again: alone, without its standby, it must not say of anything that it is kept. */
async function acknowledgesAlone(
  { house }: Scene,
  old: ReturnType<PostgresPair['primary']>,
): Promise<string[]> {
  const isBack = () => answers('postgres', old.recipe.url)
  if (!(await waitUntil(isBack, { withinMs: 60_000, signal: house.launcher.signal })))
    return [`${old.name} did not come back`]
  const acknowledged = await ask(old, 'CREATE TABLE written_alone ()', ALONE_MS).then(
    () => true,
    () => false,
  )
  return acknowledged ? [`${old.name} took a write after its standby had become the primary`] : []
}
