import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

export const root = join(import.meta.dirname, '../..')

/** A fenced block of a document. */
export interface Block {
  info: string
  /** Of its first line of text, counted from 1. */
  line: number
  lines: string[]
}

export interface Document {
  /** From the project's folder. */
  path: string
  /** Lines outside of blocks; those of blocks are empty here, so that line numbers hold. */
  prose: string[]
  blocks: Block[]
  /** The line of a block that nobody closed. */
  unclosed: number | undefined
}

const documentGlobs = ['*.md', 'docs/**/*.md', 'examples/**/*.md', 'deploy/**/*.md', 'bench/**/*.md']

export const readDocuments = (): Document[] =>
  globSync(documentGlobs, { cwd: root })
    .sort()
    .map((path) => readDocument(path, readFileSync(join(root, path), 'utf8')))

export function readDocument(path: string, text: string): Document {
  const document: Document = { path, prose: [], blocks: [], unclosed: undefined }
  let fence: { mark: string; indent: number; block: Block } | undefined
  text.split('\n').forEach((line, index) => {
    const found = /^( *)(`{3,})(.*)$/.exec(line)
    const closes = fence && found?.[2] === fence.mark && found[3] === ''
    if (fence && !closes) fence.block.lines.push(line.slice(fence.indent))
    else if (fence) fence = undefined
    else if (found) {
      const block = { info: found[3]!.trim(), line: index + 2, lines: [] }
      document.blocks.push(block)
      fence = { mark: found[2]!, indent: found[1]!.length, block }
    }
    document.prose.push(fence || closes ? '' : line)
  })
  document.unclosed = fence && fence.block.line - 1
  return document
}

/** The anchors of a document as GitHub makes them of headings, and those that are written as HTML. */
export function anchorsOf({ prose }: Document): Set<string> {
  const seen = new Map<string, number>()
  const anchors = new Set<string>()
  for (const line of prose) {
    for (const [, id] of line.matchAll(/<a (?:id|name)="([^"]+)"/g)) anchors.add(id!)
    const heading = /^#{1,6} +(.*?)(?: +#+)?$/.exec(line)?.[1]
    if (heading === undefined) continue
    const slug = slugOf(heading)
    const count = seen.get(slug) ?? 0
    seen.set(slug, count + 1)
    anchors.add(count === 0 ? slug : `${slug}-${count}`)
  }
  return anchors
}

const slugOf = (heading: string) =>
  heading
    .replace(/!?\[([^\]]*)\]\([^)]*\)/g, '$1')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\p{M}_\- ]/gu, '')
    .replaceAll(' ', '-')
