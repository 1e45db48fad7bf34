import type { Manifest } from './manifest.ts'

type Migrations = Manifest['migrations']

/** Migrations of the backup that this release does not have: it would not know what to do with such tables. */
export const unknownMigrations = (backup: Migrations, own: Migrations): string[] =>
  (['auth', 'ledger', 'audit'] as const).flatMap((service) =>
    backup[service].filter((name) => !own[service].includes(name)).map((name) => `${service} ${name}`),
  )

/** Something that somebody made in a database. */
export interface Content {
  schema: string
  /** Tables, views and sequences. */
  relations: number
}

/** What keeps a database from being restored into, in words; undefined when it is empty. */
export function whatIsThere(contents: readonly Content[]): string | undefined {
  const found = contents.filter(({ schema, relations }) => schema !== 'public' || relations > 0)
  if (found.length === 0) return undefined
  return found
    .map(({ schema, relations }) => `${schema} (${relations} ${relations === 1 ? 'relation' : 'relations'})`)
    .join(', ')
}
