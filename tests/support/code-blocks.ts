import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** The fenced blocks of a page that begin with this info string, without the indentation of a list that they stand in. */
export function codeBlocks(page: string, info: string): string[] {
  const text = readFileSync(join(import.meta.dirname, '../..', page), 'utf8')
  return [...text.matchAll(/^( *)```(.*)\n([\s\S]*?)\n\1```$/gm)]
    .filter((match) => match[2] === info)
    .map(([, indent = '', , code = '']) =>
      code
        .split('\n')
        .map((line) => line.slice(indent.length))
        .join('\n'),
    )
}

/** The one block of its kind. */
export function codeBlock(page: string, info: string): string {
  const [block, ...more] = codeBlocks(page, info)
  if (block === undefined || more.length > 0)
    throw new Error(
      `Expected one block ${info} in ${page}, found ${block === undefined ? 0 : more.length + 1}`,
    )
  return block
}
