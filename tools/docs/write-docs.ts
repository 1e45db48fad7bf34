import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { format, resolveConfig } from 'prettier'
import { projectRoot } from '../launcher/house.ts'
import { endpointTable, eventTable, permissionTable, problemTable } from './contract-tables.ts'
import { fileReference } from './file-reference.ts'
import { fillSection } from './fill-section.ts'
import { problemWords } from './problem-words.ts'

const sections: Record<string, Record<string, () => string>> = {
  'docs/ARCHITECTURE.md': { endpoints: endpointTable, permissions: permissionTable, events: eventTable },
  'docs/problems.md': { codes: problemTable },
}

async function writePage(path: string, text: string): Promise<void> {
  const file = join(projectRoot, path)
  writeFileSync(file, await format(text, { ...(await resolveConfig(file)), parser: 'markdown' }))
}

/** Writes the tables in docs/ that follow from the contracts, docs/FILE_REFERENCE.md, and the words of /problems. */
export async function writeDocs(): Promise<void> {
  for (const [path, tables] of Object.entries(sections)) {
    const page = readFileSync(join(projectRoot, path), 'utf8')
    const filled = Object.entries(tables).reduce(
      (text, [name, make]) => fillSection(text, name, make()),
      page,
    )
    await writePage(path, filled)
  }
  const words = problemWords(readFileSync(join(projectRoot, 'docs/problems.md'), 'utf8'))
  writeFileSync(join(projectRoot, 'docs/api/problems.json'), `${JSON.stringify(words, null, 2)}\n`)
  await writePage('docs/FILE_REFERENCE.md', fileReference(projectRoot))
}
