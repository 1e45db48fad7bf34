import { join } from 'node:path'
import type * as z from 'zod'
import { projectRoot } from '../launcher/house.ts'
import { describeSetting, type SettingFacts } from './describe-setting.ts'
import { readComments } from './read-comments.ts'

export interface Setting extends SettingFacts {
  name: string
  text: string
}

/** Who reads these settings, and where their schema is. */
const programs = {
  auth: 'services/auth/src/config.ts',
  ledger: 'services/ledger/src/config.ts',
  audit: 'services/audit/src/config.ts',
  gateway: 'services/gateway/src/config.ts',
  bot: 'services/bot/src/config.ts',
  migrate: 'tools/start/migrate-config.ts',
} as const
export type Program = keyof typeof programs
export const programNames = Object.keys(programs) as Program[]

/** Where settings that several services spread into their own have their comments. */
const SHARED = 'libs/kit/src/config.ts'

/** The settings of a service, or of the job that migrates, by its own schema. */
export async function settingsOf(program: Program): Promise<Setting[]> {
  const file = join(projectRoot, programs[program])
  const { settings } = (await import(file)) as { settings: Record<string, z.core.$ZodType> }
  const texts = new Map([
    ...[...readComments(join(projectRoot, SHARED)).values()].flatMap((comments) => [...comments]),
    ...(readComments(file).get('settings') ?? []),
  ])
  return Object.entries(settings).map(([name, schema]) => {
    const facts = describeSetting(schema)
    const fallback = facts.fallback?.replace(`${projectRoot}/`, '')
    return { ...facts, name, text: texts.get(name) ?? '', fallback }
  })
}

export interface SharedSetting extends Setting {
  /** Who reads it, in the order of the house. */
  readers: Program[]
  /** Other defaults than the first reader's. */
  others: [Program, string][]
}

/** Every setting of every program once, those that most of them read first. */
export async function allSettings(): Promise<SharedSetting[]> {
  const found = new Map<string, SharedSetting>()
  for (const program of programNames) {
    for (const setting of await settingsOf(program)) {
      const known = found.get(setting.name)
      if (!known) {
        found.set(setting.name, { ...setting, readers: [program], others: [] })
        continue
      }
      known.readers.push(program)
      if (setting.fallback !== undefined && setting.fallback !== known.fallback)
        known.others.push([program, setting.fallback])
    }
  }
  return [...found.values()]
}
