import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { format, resolveConfig } from 'prettier'
import { projectRoot } from '../launcher/house.ts'
import { endpointTable, eventTable, permissionTable, problemTable } from './contract-tables.ts'
import { fileReference } from './file-reference.ts'
import { fillSection } from './fill-section.ts'

const sections: Record<string, Record<string, () => string>> = {
  'docs/ARCHITECTURE.md': { endpoints: endpointTable, permissions: permissionTable, events: eventTable },
  'docs/problems.md': { codes: problemTable },
}

async function writePage(path: string, text: string): Promise<void> {
  const file = join(projectRoot, path)
  writeFileSync(file, await format(text, { ...(await resolveConfig(file)), parser: 'markdown' }))
}

/** Writes the tables in docs/ that follow from the contracts, and docs/FILE_REFERENCE.md. */
export async function writeDocs(): Promise<void> {
  for (const [path, tables] of Object.entries(sections)) {
    const page = readFileSync(join(projectRoot, path), 'utf8')
    const filled = Object.entries(tables).reduce(
      (text, [name, make]) => fillSection(text, name, make()),
      page,
    )
    await writePage(path, filled)
  }
  await writePage('docs/FILE_REFERENCE.md', fileReference(projectRoot))
}
