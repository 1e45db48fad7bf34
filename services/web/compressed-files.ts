import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { brotliCompressSync, gzipSync } from 'node:zlib'
import type { Plugin } from 'vite'

/** Less than this fits in the packet that goes out anyway. */
const WORTH_BYTES = 1_024

/** Writes `.br` and `.gz` beside every text file of the build, so that the gateway compresses nothing while people wait. */
export const compressedFiles = (): Plugin => ({
  name: 'compressed-files',
  apply: 'build',
  writeBundle: ({ dir }) => {
    for (const path of textFilesBelow(dir ?? 'dist')) {
      const content = readFileSync(path)
      if (content.length < WORTH_BYTES) continue
      writeFileSync(`${path}.br`, brotliCompressSync(content))
      writeFileSync(`${path}.gz`, gzipSync(content, { level: 9 }))
    }
  },
})

const textFilesBelow = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(?:js|css|html|svg)$/.test(name))
    .map((name) => join(folder, name))
