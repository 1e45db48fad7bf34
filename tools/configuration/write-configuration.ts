import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { format, resolveConfig } from 'prettier'
import { projectRoot } from '../launcher/house.ts'
import { allSettings } from './all-settings.ts'
import { envExample } from './write-env-example.ts'
import { configurationPage } from './write-page.ts'

/** What is generated from the schemas of the services, by path. */
export async function configurationFiles(): Promise<Record<string, string>> {
  const settings = await allSettings()
  const page = 'docs/CONFIGURATION.md'
  const style = await resolveConfig(join(projectRoot, page))
  return {
    '.env.example': envExample(settings),
    [page]: await format(configurationPage(settings), { ...style, parser: 'markdown' }),
  }
}

/** Writes .env.example and docs/CONFIGURATION.md. */
export async function writeConfiguration(): Promise<void> {
  for (const [path, text] of Object.entries(await configurationFiles()))
    writeFileSync(join(projectRoot, path), text)
}
